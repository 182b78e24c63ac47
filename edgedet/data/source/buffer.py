"""A buffer of bytes that TensorFlow uses where it is: in memory, or in a file on the disk."""

from __future__ import annotations

import shutil
import tempfile

import numpy as np
import tensorflow as tf

from edgedet.data.source.free_memory import free_memory
from edgedet.errors import DataError

# A buffer may take this share of the free memory; training needs some, too.
MEMORY_SHARE = 0.5
# TensorFlow crashes on memory of others that does not start at a multiple of so many bytes.
ALIGNMENT = 64


class TooLargeError(DataError):
    """A buffer would take too much of the memory."""


def in_memory(count: int, source: str) -> np.ndarray:
    """Return `count` bytes of memory, not yet filled.

    Raises:
        TooLargeError: That is more than half of what is free.
    """
    free = free_memory()
    if count > free * MEMORY_SHARE:
        raise TooLargeError(
            f"{source}: expected decoded images that fit into half of the free memory, found "
            f"{count:,} bytes of pixels and {int(free):,} free bytes.\n"
            "Files are decoded anew in every epoch, which is slower."
        )
    spare = np.empty(count + ALIGNMENT, "uint8")
    first = -spare.ctypes.data % ALIGNMENT
    return spare[first : first + count]


def on_disk(count: int, source: str) -> np.ndarray:
    """Return `count` bytes of a nameless file, not yet filled; the system keeps what is used often.

    Raises:
        DataError: The folder for temporary files has no space for them.
    """
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if count > free:
        raise DataError(
            f"{source}: expected {count:,} free bytes in {tempfile.gettempdir()} for images that "
            f"TensorFlow does not read itself, found {free:,}.\n"
            "Name a folder with more space in the environment variable TMPDIR, or store the "
            "images as upright 8-bit JPEGs."
        )
    with tempfile.TemporaryFile() as file:
        # The file stays as long as something looks at it, and has no name to be left behind.
        return np.memmap(file, "uint8", "w+", shape=count)


def as_variable(buffer: np.ndarray) -> tf.Variable:
    """Return a variable that shares the bytes of a buffer, uint8 `[count]`."""
    # `tf.constant` would hold the bytes three times over for a moment.
    shared = tf.experimental.dlpack.from_dlpack(buffer.__dlpack__())
    # tf.data copies the constants that its functions use, but not the variables.
    with tf.device("CPU"):
        return tf.Variable(shared, trainable=False)
