"""Normalization: counts become grey levels, the same in training and on the device.

It happens at the resolution of the sensor, before anything is scaled: there a dead pixel is one
pixel, and every later step has bytes to work on.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.thermal.repair import repair
from edgedet.thermal.stretch import stretch

POLARITIES = ("unknown", "white_hot", "black_hot")

# The limits of a frame become these levels from either end; what lies beyond them is compressed
# into the rest, so that the hottest things stay apart from what is merely hot.
MARGIN = 32
MIDDLE = 127.5
SLOPE = 2 * (MIDDLE - MARGIN)
# Levels are looked up: each is computed once, not for every pixel.
TABLE_SIZE = 65_536
# Of counts that are no whole numbers, so many spans on either side of the limits are told apart.
REACH = 8


@dataclasses.dataclass(frozen=True)
class Normalization:
    """How counts become grey levels.

    Attributes:
        range: The two temperatures that are the limits of every frame: in kelvin where
            `kelvin_per_count` says what a count is, else in counts. `None` finds the limits of
            each frame in the frame, which any offset and gain leave as they are.
        kelvin_per_count: Kelvin of one count of a radiometric sensor; 0 where nobody knows.
        kelvin_at_zero: Kelvin of count 0.
        polarity: How the frames show heat: `white_hot`; `black_hot`, which is turned into
            white-hot; `unknown` for a network that has learned both.
        repair: Replace dead pixels and lines by what is around them.

    Raises:
        ValueError: A value is out of its limits.
    """

    range: tuple[float, float] | None = None
    kelvin_per_count: float = 0.0
    kelvin_at_zero: float = 0.0
    polarity: str = "unknown"
    repair: bool = True

    def __post_init__(self):
        if self.polarity not in POLARITIES:
            raise ValueError(
                f"polarity: expected one of {', '.join(POLARITIES)}, found {self.polarity!r}."
            )
        if not 0 <= self.kelvin_per_count < np.inf:
            raise ValueError(f"kelvin_per_count: expected >= 0, found {self.kelvin_per_count}.")
        if not (self.range is None or (len(self.range) == 2 and self.range[0] < self.range[1])):
            raise ValueError(f"range: expected (low, high) with low < high, found {self.range}.")

    @classmethod
    def of(cls, fields: dict) -> Normalization:
        """Return the normalization of a dict of its fields, as JSON gives them.

        Fields of another name are passed over; a newer version may have more.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        known = {name: value for name, value in fields.items() if name in names}
        limits = known.get("range")
        return cls(**{**known, "range": None if limits is None else tuple(limits)})

    @property
    def radiometric(self) -> bool:
        """Whether counts are known as temperatures."""
        return self.kelvin_per_count > 0

    def inverted(self) -> Normalization:
        """Return the normalization that gives what is bright here as dark."""
        other = "white_hot" if self.polarity == "black_hot" else "black_hot"
        return dataclasses.replace(self, polarity=other)

    def kelvin(self, counts):
        """Return the temperature of `counts`, a number or an array."""
        return self.kelvin_at_zero + self.kelvin_per_count * counts


def normalize(counts: np.ndarray, settings: Normalization) -> np.ndarray:
    """Return the grey levels of a frame, each band by itself.

    Offset and gain of the counts change nothing while the limits are found in the frame, and
    what is out of line neither moves the limits nor, if repaired, is there afterwards.

    Args:
        counts: `[H, W, bands]`, integers or floats; what is not finite counts as the middle.
        settings: How.

    Returns:
        uint8 `[H, W, bands]`.
    """
    levels = np.empty(counts.shape, "uint8")
    for band in range(counts.shape[2]):
        levels[..., band] = _normalize(counts[..., band], settings)
    return levels if settings.polarity != "black_hot" else 255 - levels


def limits(band: np.ndarray, settings: Normalization) -> tuple[float, float]:
    """Return the two counts, low and high, between which a band `[H, W]` is shown linearly."""
    return _sound(band, settings)[1]


def _sound(band, settings):
    """Return a band without what is broken, and its limits."""
    band = _finite(band)
    low, high = _limits(band, settings)
    if not settings.repair:
        return band, (low, high)
    repaired = repair(band, high - low)
    # On a sensor of few pixels even the middle of three is moved by a line that is broken.
    return repaired, (low, high) if repaired is band else _limits(repaired, settings)


def _limits(band, settings):
    if settings.range is None:
        return stretch(band)
    low, high = settings.range
    if not settings.radiometric:
        return float(low), float(high)
    zero, scale = settings.kelvin_at_zero, settings.kelvin_per_count
    return (low - zero) / scale, (high - zero) / scale


def _normalize(band, settings):
    band, (low, high) = _sound(band, settings)
    counts, places = _tabulated(band, low, high)
    return _levels(counts, low, high).take(places)


def _tabulated(band, low, high):
    """Return all counts that a band may hold, and the place of each of its pixels among them."""
    if band.dtype.kind in "ui":
        first, last = int(band.min()), int(band.max())
        if last - first < TABLE_SIZE:
            wide = band if band.dtype.kind == "u" else band.astype("int64")
            return np.arange(first, last + 1), wide - wide.dtype.type(first)
    # As fine as 16 bits are from far below the limits to far above, where nothing changes.
    span = high - low
    start, step = low - REACH * span, (1 + 2 * REACH) * span / (TABLE_SIZE - 1)
    places = np.clip((band - start) * (1 / step) + 0.5, 0, TABLE_SIZE - 1)
    return start + step * np.arange(TABLE_SIZE), places.astype("uint16")


def _levels(counts, low, high):
    """Return counts as levels: straight between the limits, bent towards 0 and 255 beyond."""
    grey = (counts - 0.5 * (low + high)) * (SLOPE / (high - low))
    straight = np.clip(grey, MARGIN - MIDDLE, MIDDLE - MARGIN)
    beyond = grey - straight
    bent = straight + beyond * (MARGIN / (MARGIN + np.abs(beyond)))
    return np.rint(MIDDLE + bent).astype("uint8")


def _finite(band):
    if not np.issubdtype(band.dtype, np.floating):
        return band
    sound = np.isfinite(band)
    if sound.all():
        return band
    return np.where(sound, band, np.median(band[sound]) if sound.any() else 0)
