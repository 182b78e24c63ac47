"""Images decoded once, side by side in one buffer, each also at 1/2, 1/4 and 1/8 of its size."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from edgedet.data.augment.placement import MAX_HALVINGS
from edgedet.data.source.buffer import as_variable
from edgedet.data.source.reading import Reading
from edgedet.data.source.scan import Scan
from edgedet.errors import ImageError

# Neither dark nor bright: what an image is that cannot be read.
GREY = 128

log = logging.getLogger(__name__)


class Decoded:
    """All images, decoded and reduced before the first is asked for.

    Args:
        scan: The images.
        reading: How files become pixels.
        allocate: Returns so many bytes, uint8 `[count]`; see `edgedet.data.source.buffer`.

    Attributes:
        broken: bool `[N]`: the image could not be read, and is grey.

    Raises:
        TooLargeError, DataError: What `allocate` raises.
    """

    def __init__(self, scan: Scan, reading: Reading, allocate):
        # [N, levels, 2]
        sizes = np.stack([reduced(scan.sizes, times) for times in range(MAX_HALVINGS + 1)], axis=1)
        counts = reading.bands * sizes.prod(axis=2, dtype="int64")
        starts = (np.cumsum(counts) - counts.reshape(-1)).reshape(counts.shape)
        buffer = allocate(int(counts.sum()), scan.dataset.source)
        self.broken = _fill(buffer, scan, reading, starts)
        self._bands = reading.bands
        # By record and halvings, one after another.
        self._starts = tf.constant(starts.reshape(-1))
        self._widths = tf.constant(sizes[..., 1].reshape(-1))
        self._buffer = as_variable(buffer)

    def __call__(self, index, halvings, part):
        """Return a part of an image, uint8 `[H, W, bands]`; see `FilePixels`."""
        top, left, height, width = tf.unstack(part)
        place = tf.cast(index, tf.int64) * (MAX_HALVINGS + 1) + tf.cast(halvings, tf.int64)
        row = self._bands * self._widths[place]
        start = self._starts[place] + tf.cast(row * top, tf.int64)
        pixels = tf.slice(self._buffer, start[None], tf.cast(row * height, tf.int64)[None])
        pixels = tf.reshape(pixels, tf.stack([height, row]))
        pixels = pixels[:, self._bands * left : self._bands * (left + width)]
        return tf.reshape(pixels, tf.stack([height, width, self._bands]))


def reduced(size, times):
    """Return (height, width), int `[..., 2]`, after halvings that leave odd last pixels out."""
    return np.maximum(size // 2**times, 1)


def halve(image: np.ndarray) -> np.ndarray:
    """Return the averages of two by two pixels, uint8; an odd last row or column is left out."""
    for axis in (0, 1):
        if image.shape[axis] == 1:
            image = np.repeat(image, 2, axis)
    height, width = reduced(np.array(image.shape[:2]), 1)
    wide = image[: 2 * height, : 2 * width].astype("uint16")
    rows = wide[0::2] + wide[1::2]
    return ((rows[:, 0::2] + rows[:, 1::2] + 2) // 4).astype("uint8")


def _fill(buffer, scan, reading, starts):
    """Write all images and their reductions; return which could not be read, bool `[N]`."""

    def fill(record, size, places):
        image, whole = _read(record, size, reading)
        for start in places:
            buffer[start : start + image.size] = image.reshape(-1)
            image = halve(image)
        return not whole

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        broken = np.array(list(pool.map(fill, scan.dataset.records, scan.sizes, starts)), bool)
    if broken.any():
        log.warning(
            "%s: %d of %d images could not be read; nothing is asked about them",
            scan.dataset.source,
            broken.sum(),
            len(broken),
        )
    return broken


def _read(record, size, reading):
    """Return an image of `size` and whether it is one."""
    grey = np.full((*size, reading.bands), GREY, "uint8")
    try:
        image = reading.read(record.image)
    except ImageError as error:
        log.warning("replaced by grey: %s", error)
        return grey, False
    if image.shape != grey.shape:
        log.warning("replaced by grey: %s is %s, not %s", record.image, image.shape, grey.shape)
        return grey, False
    return image, True
