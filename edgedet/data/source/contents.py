"""The bytes of image files by their index inside tf.data: files of their own, or parts of shards.

Shards are mapped into memory: the system reads what is asked for, and keeps what is asked for
often as long as nobody else needs the memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from edgedet.data.source.buffer import as_variable
from edgedet.file_part import FilePart


class Contents:
    """Gives the bytes of images.

    Args:
        images: A path or a `FilePart` each.
    """

    def __init__(self, images: Sequence):
        parts = [image if isinstance(image, FilePart) else None for image in images]
        paths = list(dict.fromkeys(part.path for part in parts if part))
        number = {path: place for place, path in enumerate(paths)}
        # Private pages: TensorFlow takes no memory that it might not write, but never writes it.
        self._shards = [as_variable(np.memmap(path, "uint8", "c")) for path in paths]
        self._shard = tf.constant([number[part.path] if part else -1 for part in parts])
        bounds = [(part.start, part.length) if part else (0, 0) for part in parts]
        self._bounds = tf.constant(bounds, tf.int64)
        self._paths = tf.constant([str(image) for image in images])
        self._some_files = None in parts

    def __call__(self, index):
        """Return the bytes of an image, a scalar string.

        Args:
            index: Scalar integer.
        """
        if not self._shards:
            return tf.io.read_file(self._paths[index])
        # Each shard is a branch; without a file of its own there is none for them.
        branches = [lambda shard=shard: _part(shard, self._bounds[index]) for shard in self._shards]
        if self._some_files:
            branches.append(lambda: tf.io.read_file(self._paths[index]))
        # What is not a branch takes the last one: -1 leads to the files.
        return tf.switch_case(self._shard[index], branches)


def _part(shard, bounds):
    piece = tf.slice(shard, bounds[:1], bounds[1:])
    # A serialized tensor ends with its bytes; nothing else makes a string of them as fast.
    length = tf.cast(bounds[1], tf.int32)
    return tf.strings.substr(tf.io.serialize_tensor(piece), -length, length)
