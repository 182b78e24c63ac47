"""Where the pixels of a data set come from: files decoded on the way, or images decoded before.

Both give a part of the image of a record by its index inside tf.data, and neither calls Python
there: Python would take turns with the training loop and could deadlock with it when an iterator
is dropped. So what TensorFlow cannot decode itself is decoded before, into memory or, where it is
not to stay there, into a file that the system reads as it needs it.
"""

from __future__ import annotations

import logging

import numpy as np
import tensorflow as tf

from edgedet.data.augment.placement import MAX_HALVINGS
from edgedet.data.source.buffer import TooLargeError, in_memory, on_disk
from edgedet.data.source.contents import Contents
from edgedet.data.source.decoded import Decoded
from edgedet.data.source.reading import Reading
from edgedet.data.source.scan import Scan

log = logging.getLogger(__name__)


def open_pixels(scan: Scan, reading: Reading, cache: bool):
    """Return the pixels of a data set, kept in memory if that is wanted and they fit.

    Raises:
        DataError: They must be decoded before, and fit neither into memory nor on the disk.
    """
    if not cache:
        return FilePixels(scan, reading)
    try:
        return Decoded(scan, reading, in_memory)
    except TooLargeError as error:
        log.info("not cached: %s", error)
        return FilePixels(scan, reading)


class FilePixels:
    """Images decoded when they are needed: JPEGs only the part and the fraction that is shown.

    Args:
        scan: The images.
        reading: How files become pixels.

    Attributes:
        broken: bool `[N]`: the image could not be read, and is grey.
    """

    def __init__(self, scan: Scan, reading: Reading):
        plain = scan.plain & reading.as_stored
        self._contents = Contents([record.image for record in scan.dataset.records])
        self._bands = reading.bands
        self._plain = tf.constant(plain)
        # Where the others stand among themselves.
        self._places = tf.constant(np.cumsum(~plain) - 1)
        self._others = Decoded(scan[~plain], reading, on_disk) if not plain.all() else None
        self._some_plain = bool(plain.any())
        self.broken = np.zeros(len(plain), bool)
        if self._others is not None:
            self.broken[~plain] = self._others.broken

    def __call__(self, index, halvings, part):
        """Return a part of an image, uint8 `[H, W, bands]`.

        Args:
            index: Scalar integer, the record.
            halvings: Scalar int32: the image is used at 1/2, 1/4 ... of its size.
            part: int32 `[4]`, (top, left, height, width) in the halved image.
        """
        if self._others is None:
            return self._decode(index, halvings, part)
        if not self._some_plain:
            return self._others(index, halvings, part)
        return tf.cond(
            self._plain[index],
            lambda: self._decode(index, halvings, part),
            lambda: self._others(self._places[index], halvings, part),
        )

    def _decode(self, index, halvings, part):
        content = self._contents(index)
        ratios = [2**times for times in range(MAX_HALVINGS + 1)]
        branches = [lambda r=ratio: self._decode_at(content, part, r) for ratio in ratios]
        return tf.switch_case(halvings, branches)

    def _decode_at(self, content, part, ratio):
        # The accurate transform is the one that Pillow uses: the same pixels as on the device,
        # but at the edges of the part, where colours are interpolated without neighbours.
        pixels = tf.image.decode_and_crop_jpeg(
            content,
            part,
            channels=self._bands,
            ratio=ratio,
            try_recover_truncated=True,
            dct_method="INTEGER_ACCURATE",
        )
        return tf.ensure_shape(pixels, [None, None, self._bands])
