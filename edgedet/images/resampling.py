"""Resampling: images at another size, by the one filter that the device uses."""

from __future__ import annotations

import numpy as np
from PIL import Image

# Averages over the pixels that fall together, which keeps small objects visible when shrinking.
FILTER = Image.Resampling.BILINEAR
# From this ratio on, pixels are first averaged in the largest blocks that fit, which takes a
# quarter of the time: the filter would look a pixel further, which no detector misses.
BLOCKS_FROM = 3


def resample(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return `image`, uint8 `[H, W, bands]`, at another (height, width), uint8 `[h, w, bands]`."""
    bands = image.shape[2]
    if bands == 3:
        return _resample_plane(image, size)
    planes = [_resample_plane(image[..., band], size) for band in range(bands)]
    return np.stack(planes, axis=-1)


def _resample_plane(plane, size):
    height, width = plane.shape[:2]
    ratio = min(height / size[0], width / size[1])
    if ratio < BLOCKS_FROM:
        return np.asarray(Image.fromarray(plane).resize(size[::-1], FILTER))
    block = int(ratio)
    # Pillow has four bytes a pixel: there is less to convert once the rows are averaged.
    pixels = Image.fromarray(_means_of_rows(plane, block)).reduce((block, 1))
    # The last block may not be whole.
    return np.asarray(pixels.resize(size[::-1], FILTER, (0, 0, width / block, height / block)))


def _means_of_rows(plane, block):
    """Return the rounded means of blocks of rows; the last block may have fewer."""
    whole, rest = divmod(len(plane), block)
    shape = (whole + bool(rest), *plane.shape[1:])
    # Sums of more than 257 bytes need more than 16 bits; a loop over rows adds the fastest.
    totals = np.zeros(shape, "uint16" if block <= 256 else "uint32")
    for row in range(block):
        rows = plane[row::block]
        totals[: len(rows)] += rows
    for blocks, count in ((totals[:whole], block), (totals[whole:], rest)):
        if count:
            blocks += count // 2
            blocks //= count
    return totals.astype("uint8")
