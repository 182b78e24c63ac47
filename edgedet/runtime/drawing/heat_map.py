"""Heat maps: thermal frames in colours, with a bar of temperatures where they are known."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgedet.thermal import Normalization, as_counts, limits, normalize
from edgedet.thermal.normalization import MARGIN, MIDDLE
from edgedet.thermal.palettes import palette

# Equal differences of temperature look equally different, also in grey and to the colour-blind.
COLOURS = "inferno"
CELSIUS_ZERO = 273.15
# Of the image's height: the letters, and the coloured part of the bar.
FONT_SHARE = 1 / 24
FONT_SIZES = (8, 28)
COLOUR_SHARE = 1 / 20
# Levels beside which a temperature stands: the limits of the frame, and halfway.
MARKS = (MARGIN, MIDDLE, 2 * MIDDLE - MARGIN)


def heat_map(counts: np.ndarray, settings: Normalization) -> np.ndarray:
    """Return a thermal frame in colours, uint8 `[H, W, 3]`: what the network sees of it.

    Args:
        counts: `[H, W]` or `[H, W, k]`, as a sensor or a file gives them; of several bands the
            first is shown.
        settings: How counts become levels.
    """
    return palette(COLOURS)[normalize(_first_band(counts), settings)[..., 0]]


def with_temperatures(image: np.ndarray, counts: np.ndarray, settings: Normalization):
    """Return an image with a bar at its right that tells the temperature of each colour.

    Args:
        image: uint8 `[H, W, 3]`, a heat map with whatever is drawn on it.
        counts: The frame that it shows.
        settings: How its counts became levels; without temperatures the image stays as it is.

    Returns:
        uint8 `[H, W + the bar, 3]`.
    """
    if not settings.radiometric:
        return image
    low, high = (settings.kelvin(limit) for limit in limits(_first_band(counts)[..., 0], settings))
    if settings.polarity == "black_hot":
        low, high = high, low
    celsius = np.linspace(low, high, len(MARKS)) - CELSIUS_ZERO
    bar = _bar(len(image), [f"{value:.1f} °C" for value in celsius])
    return np.concatenate([image, bar], axis=1)


def _bar(height, texts):
    """Return the bar, uint8 `[height, width, 3]`, with its texts beside `MARKS`."""
    font = ImageFont.load_default(float(np.clip(round(height * FONT_SHARE), *FONT_SIZES)))
    wide = max(2, round(height * COLOUR_SHARE))
    gap = max(2, wide // 3)
    room = max(int(np.ceil(font.getlength(text))) for text in texts)
    levels = np.rint(np.linspace(255, 0, height)).astype("uint8")
    canvas = np.zeros((height, wide + room + 2 * gap, 3), "uint8")
    canvas[:, :wide] = palette(COLOURS)[levels][:, None]
    picture = Image.fromarray(canvas)
    pencil = ImageDraw.Draw(picture)
    for level, text in zip(MARKS, texts, strict=True):
        place = (wide + gap, (255 - level) / 255 * (height - 1))
        pencil.text(place, text, fill="white", font=font, anchor="lm")
    return np.asarray(picture)


def _first_band(counts):
    # Colours of 8 bits are a picture of one band, counts are bands.
    coloured = counts.ndim == 3 and counts.shape[2] in (3, 4) and counts.dtype == np.uint8
    bands = 1 if counts.ndim == 2 or coloured else counts.shape[2]
    return as_counts(counts, bands)[..., :1]
