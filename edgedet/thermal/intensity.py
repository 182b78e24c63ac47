"""Bands: what a network sees of a frame, and intensity where the frame is in colour.

A false-colour image lies on a curve through the colours, the palette. Where it is one that is
known here, each pixel gets the place of the nearest colour of the curve. Limits: other palettes
and true colours become luma, which is no intensity; where compression has mixed the colours of
an edge, the mixture may lie near another part of the curve; writing over the image stays in it.
"""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image

from edgedet.errors import ImageError
from edgedet.thermal.palettes import ANCHORS, palette

# Pixels that are looked at to tell the palette, spread over the image.
LOOKS = 512
# Mean distance from the curve, in levels, of an image that lies on it; compression and the
# makers' own variants take up to a third of it, photographs are three times as far.
ON_CURVE = 24.0
# An image of which less than this share has a colour is grey: any palette has black and white.
COLOURED = 0.2
# Levels between the channels of a pixel that has a colour.
COLOUR = 48
# Colours are looked up by so many bits of each channel.
BITS = 5


def as_counts(frame: np.ndarray, bands: int) -> np.ndarray:
    """Return a frame with the bands that a network sees, in its own counts, `[H, W, bands]`.

    Grey is repeated for three bands; colour becomes one band of intensity.

    Args:
        frame: `[H, W]` or `[H, W, k]`, integers or floats.
        bands: How many are wanted.

    Raises:
        ImageError: The frame is empty, holds no numbers or has another number of bands.
    """
    _require_numbers(frame, bands)
    if frame.dtype.kind == "f" and frame.dtype.itemsize == 2:
        # Sums and differences of half floats would overflow.
        frame = frame.astype("float32")
    frame = frame[..., None] if frame.ndim == 2 else frame
    found = frame.shape[2]
    if found == bands:
        return frame
    if found == 1 and bands == 3:
        return np.repeat(frame, 3, axis=2)
    if bands in (1, 3) and found in (3, 4) and frame.dtype == np.uint8:
        # An alpha channel says nothing about heat.
        return frame[..., :3] if bands == 3 else intensity(frame[..., :3])[..., None]
    raise _wrong_bands(frame, bands)


def intensity(image: np.ndarray) -> np.ndarray:
    """Return the intensity, uint8 `[H, W]`, of a colour image, uint8 `[H, W, 3]`."""
    name = palette_of(image)
    if name is None:
        return np.asarray(Image.fromarray(np.ascontiguousarray(image)).convert("L"))
    red, green, blue = (image[..., channel].astype("int32") >> 8 - BITS for channel in range(3))
    return _places(name)[(red << 2 * BITS) | (green << BITS) | blue]


def palette_of(image: np.ndarray) -> str | None:
    """Return the name of the palette whose curve an image, uint8 `[H, W, 3]`, lies on."""
    looked = _looked_at(image)
    if (np.ptp(looked, axis=1) >= COLOUR).mean() < COLOURED:
        return None
    # Colours themselves, not dark and bright: these are near every curve.
    coloured = looked[np.ptp(looked, axis=1) >= COLOUR]
    distances = {name: _distances(coloured, palette(name)[::4]).mean() for name in ANCHORS}
    nearest = min(distances, key=distances.get)
    return nearest if distances[nearest] <= ON_CURVE else None


def _looked_at(image):
    spacing = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / LOOKS)))
    return image[spacing // 2 :: spacing, spacing // 2 :: spacing].reshape(-1, 3).astype("float32")


def _distances(colours, curve):
    """Return how far each colour is from the nearest of a curve, in levels."""
    differences = colours[:, None] - curve[None].astype("float32")
    return np.sqrt((differences**2).sum(axis=-1)).min(axis=1)


@functools.cache
def _places(name):
    """Return the place on a palette, of 255, of every colour by `BITS` of each channel."""
    side = 2**BITS
    # The middle of what falls together.
    levels = (np.arange(side, dtype="float32") + 0.5) * (256 / side)
    curve = palette(name).astype("float32")
    places = np.empty((side, side, side), "uint8")
    for index, red in enumerate(levels):
        apart = (red - curve[:, 0]) ** 2
        green = (levels[:, None] - curve[:, 1]) ** 2
        blue = (levels[:, None] - curve[:, 2]) ** 2
        places[index] = (apart + green[:, None] + blue[None]).argmin(axis=-1)
    return places.reshape(-1)


def _require_numbers(frame, bands):
    numbers = isinstance(frame, np.ndarray) and frame.dtype.kind in "uif"
    if not numbers:
        found = getattr(frame, "dtype", type(frame).__name__)
        raise ImageError(
            f"Expected a frame of counts, integers or floats, found {found}.\n"
            "Give a NumPy array of what the sensor says."
        )
    if frame.ndim not in (2, 3) or not frame.size:
        raise _wrong_bands(frame, bands)


def _wrong_bands(frame, bands):
    return ImageError(
        f"Expected a frame of shape [height, width, {bands}] with pixels in it, "
        f"found {list(frame.shape)} of {frame.dtype}.\nGive the model the bands it has learned; "
        "8-bit colour is turned into one band of intensity, one band is repeated for three."
    )
