"""Where the pixels of a data set come from: memory, or files decoded on the way.

Both give the image of a record by its index inside tf.data, without Python on the way for
ordinary JPEGs: a Python function there takes turns with the training loop and can deadlock with
it when an iterator is dropped.
"""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from edgedet import images
from edgedet.data.free_memory import free_memory
from edgedet.data.scan import Scan
from edgedet.errors import DataError, ImageError

# A decoded image may be reduced 2, 4 or 8 times as long as it stays this much larger than shown.
SHRINK_MARGIN = 2.0
# Decoded images may take this share of the free memory; training needs some, too.
MEMORY_SHARE = 0.5
# TensorFlow crashes on memory of others that does not start at a multiple of so many bytes.
ALIGNMENT = 64

log = logging.getLogger(__name__)


class MemoryPixels:
    """All images decoded once, side by side in one buffer: 3 bytes a pixel.

    Args:
        scan: The images.

    Raises:
        DataError: They would take more than half of the free memory.
    """

    def __init__(self, scan: Scan):
        counts = 3 * scan.sizes.prod(axis=1, dtype="int64")
        starts = np.cumsum(counts) - counts
        _require_memory(scan.dataset.source, int(counts.sum()))
        buffer = _aligned(int(counts.sum()))

        def fill(record, size, start, count):
            buffer[start : start + count] = _read(record, size).reshape(-1)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            # Asking for the results raises what went wrong.
            list(pool.map(fill, scan.dataset.records, scan.sizes, starts, counts))
        self._starts = tf.constant(starts)
        self._sizes = tf.constant(scan.sizes)
        self._buffer = _as_variable(buffer)

    def __call__(self, index, scale):
        """Return the image of record `index`, uint8 `[H, W, 3]`, in its own size."""
        size = self._sizes[index]
        count = tf.cast(size[0] * size[1] * 3, tf.int64)
        pixels = tf.slice(self._buffer, self._starts[index][None], count[None])
        return tf.reshape(pixels, [size[0], size[1], 3])


class FilePixels:
    """Images decoded when they are needed, JPEGs at a fraction of their size where that will do.

    Args:
        scan: The images.
    """

    def __init__(self, scan: Scan):
        self._records = scan.dataset.records
        self._paths = tf.constant([str(record.image) for record in self._records])
        self._plain = tf.constant(scan.plain)
        self._all_plain = bool(scan.plain.all())
        self._sizes = scan.sizes

    def __call__(self, index, scale):
        """Return the image of record `index`, uint8 `[H, W, 3]`, perhaps reduced.

        Args:
            index: Scalar integer.
            scale: float `[2]`: how large it will be shown, which tells how small it may be.
        """
        if self._all_plain:
            return self._decode_jpeg(index, scale)
        return tf.cond(
            self._plain[index],
            lambda: self._decode_jpeg(index, scale),
            lambda: self._read_other(index),
        )

    def _decode_jpeg(self, index, scale):
        content = tf.io.read_file(self._paths[index])
        spare = 1.0 / (SHRINK_MARGIN * tf.reduce_max(scale))
        halvings = tf.cast(tf.math.log(tf.clip_by_value(spare, 1.0, 8.0)) / np.log(2.0), tf.int32)
        branches = [lambda ratio=ratio: _decode(content, ratio) for ratio in (1, 2, 4, 8)]
        return tf.switch_case(halvings, branches)

    def _read_other(self, index):
        def read(index):
            return _read(self._records[int(index)], self._sizes[int(index)])

        image = tf.numpy_function(read, [index], tf.uint8, stateful=False)
        return tf.ensure_shape(image, [None, None, 3])


def _require_memory(source, needed) -> None:
    free = free_memory()
    if needed > free * MEMORY_SHARE:
        raise DataError(
            f"{source}: expected decoded images that fit into half of the free memory, found "
            f"{needed:,} bytes of pixels and {int(free):,} free bytes.\n"
            "Decode them anew in every epoch with --no-cache."
        )


def _aligned(count) -> np.ndarray:
    """Return `count` bytes, not yet filled, that TensorFlow can use where they are."""
    spare = np.empty(count + ALIGNMENT, "uint8")
    first = -spare.ctypes.data % ALIGNMENT
    return spare[first : first + count]


def _as_variable(buffer) -> tf.Variable:
    # `tf.constant` would hold the bytes three times over for a moment; this shares them.
    shared = tf.experimental.dlpack.from_dlpack(buffer.__dlpack__())
    # tf.data copies the constants that its functions use, but not the variables.
    with tf.device("CPU"):
        return tf.Variable(shared, trainable=False)


def _decode(content, ratio):
    # The accurate transform is the one that Pillow uses: the same pixels as on the device.
    return tf.io.decode_jpeg(
        content,
        channels=3,
        ratio=ratio,
        try_recover_truncated=True,
        dct_method="INTEGER_ACCURATE",
    )


def _read(record, size):
    try:
        return images.read(record.image)[0]
    except ImageError as error:
        # The header was whole, the rest is not: a grey image teaches nothing wrong.
        log.warning("replaced by grey: %s", error)
        return np.full((*size, 3), 128, "uint8")
