"""A batch of whole images, letterboxed and resampled as the device does it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data.augment import view
from edgedet.data.augment.placement import halved, halvings_at
from edgedet.data.source.source import Source
from edgedet.settings import Feeding

# Images are decoded at a fraction of their size only as long as that is so much larger than they
# are shown: the device's filter then sees nearly the same.
SHRINK_MARGIN = 2.0


class WholeBatch:
    """Makes batches of given records.

    Args:
        source: The data.
        feeding: How records are fed.
        input_size: (height, width) of the network input.
    """

    def __init__(self, source: Source, feeding: Feeding, input_size: tuple[int, int]):
        self.source = source
        self.feeding = feeding
        self.input_size = input_size

    def __call__(self, index) -> dict:
        """Return the batch of records, int64 `[B]`; see `edgedet.data.pipeline.batches`."""
        size = tf.gather(self.source.sizes, index)
        scale, offset = view.whole(size, self.input_size)
        images = tf.map_fn(
            lambda each: self._shown(*each),
            (index, size, scale, offset),
            fn_output_signature=tf.TensorSpec([*self.input_size, self.source.bands], tf.uint8),
        )
        return {
            "images": tf.cast(images, tf.float32) / np.float32(255),
            **self._truth(index[:, None], (scale[:, None], offset[:, None])),
        }

    def _truth(self, index, views):
        height, width = self.input_size
        windows = tf.zeros_like(views[0]), tf.zeros_like(views[0]) + [width, height]
        covers = tf.zeros_like(index, tf.bool)
        return self.source.truth(self.feeding, index, views, tf.concat(windows, -1), covers)

    def _shown(self, index, size, scale, offset):
        """Return an image as the device shows it, uint8 `[h, w, bands]`."""
        halvings = halvings_at(scale, SHRINK_MARGIN)
        everything = tf.concat([[0, 0], halved(size, halvings)], axis=0)
        image = self.source.pixels(index, halvings, everything)
        return view.render(image, scale * tf.cast(2**halvings, tf.float32), offset, self.input_size)
