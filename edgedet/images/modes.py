"""Modes: pixels of any kind that a file holds, as colours for networks and people, or as counts.

How bright a pixel is shown is decided by the type of its file alone, never by the other pixels: two
frames of one video are shown alike. So 16 bits keep their upper byte, as readers of photographs
have it. Only floats and integers wider than that have no range of their own.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

# Rows that are copied at once.
STRIP = 256


def to_rgb(image: Image.Image) -> np.ndarray:
    """Return a Pillow image of any mode as uint8 `[H, W, 3]`.

    Transparency is laid over white; the rest is as in `shown`.
    """
    if is_wide(image):
        return shown(np.asarray(image))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        image = Image.alpha_composite(white, over)
    return _pixels(image if image.mode == "RGB" else image.convert("RGB"))


def shown(counts: np.ndarray) -> np.ndarray:
    """Return counts of any type as uint8 `[H, W, 3]`, for whoever sees colours.

    8 bits stay as they are, of 16 the upper ones are shown. Floats and integers of 32 or 64 bits
    are levels of 8 bits; of 16 where one is above 255; shares of white where none is above 1.

    Args:
        counts: `[H, W]` or `[H, W, bands]`; three bands are colours, of others the first is shown.
    """
    counts = counts[..., None] if counts.ndim == 2 else counts
    bands = counts if counts.shape[2] == 3 else counts[..., :1]
    return np.broadcast_to(_levels(bands), (*counts.shape[:2], 3)).copy()


def counts_of(image: Image.Image) -> np.ndarray:
    """Return wide grey in the machine's own byte order; 16 bits in 16, whatever the mode."""
    counts = np.asarray(image)
    if counts.dtype.kind == "i" and counts.min() >= 0 and counts.max() < 2**16:
        return counts.astype("uint16")
    return counts.astype(counts.dtype.newbyteorder("="), copy=False)


def is_wide(image: Image.Image) -> bool:
    """Return whether a pixel is one number of more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def _levels(counts):
    if counts.dtype.kind in "iu" and counts.dtype.itemsize <= 2:
        return np.clip(counts >> 8 * (counts.dtype.itemsize - 1), 0, 255).astype("uint8")
    counts = np.nan_to_num(counts.astype("float32"), posinf=255)
    highest = counts.max(initial=0)
    if highest > 255:
        counts = counts / 256
    elif highest <= 1:
        counts = counts * 255
    return np.clip(counts, 0, 255).astype("uint8")


def _pixels(image):
    # In strips: at once, Pillow's buffers would hold a large photograph three times over.
    pixels = np.empty((image.height, image.width, 3), "uint8")
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels
