"""The objects of a data set by record, as tensors, and what of them a view shows."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data import view
from edgedet.data.record import Dataset
from edgedet.geometry import boxes as box_geometry

# An object of which less is visible is no longer asked for, only ignored.
MIN_VISIBLE = 0.5


class Objects:
    """Gives the boxes, labels and ignore flags of a record by its index, inside tf.data.

    Args:
        dataset: Records.
    """

    def __init__(self, dataset: Dataset):
        counts = [len(record.labels) for record in dataset.records]
        self._starts = tf.constant(np.concatenate([[0], np.cumsum(counts)]), tf.int64)
        self._boxes = tf.constant(np.concatenate([record.boxes for record in dataset.records]))
        self._labels = tf.constant(np.concatenate([record.labels for record in dataset.records]))
        self._ignored = tf.constant(np.concatenate([record.ignored for record in dataset.records]))
        every = np.ones(len(dataset.class_names), bool)
        self._known = tf.constant(
            np.stack([every if r.known is None else r.known for r in dataset.records])
        )

    def __call__(self, index):
        """Return boxes `[G, 4]` xyxy in source pixels, labels `[G]` and ignored `[G]`."""
        start, end = self._starts[index], self._starts[index + 1]
        return self._boxes[start:end], self._labels[start:end], self._ignored[start:end]

    def known(self, index):
        """Return the classes that the record's annotators looked for, bool `[C]`."""
        return self._known[index]

    def seen(self, index, scale, offset, input_size, min_side, max_objects):
        """Return the objects as a view shows them: boxes clipped, in input pixels.

        Objects that are mostly cut off, or smaller than `min_side` pixels (geometric mean of the
        sides), become ignore regions: they are neither asked for nor punished. Where there are
        more than `max_objects`, the smallest regions go first.
        """
        boxes, labels, ignored = self(index)
        full = view.map_boxes(boxes, scale, offset)
        shown = box_geometry.clip(full, input_size)
        area = box_geometry.area(shown)
        visible = area / tf.maximum(box_geometry.area(full), box_geometry.EPSILON)
        ignored = ignored | (visible < MIN_VISIBLE) | (area < min_side**2)
        kept = area > 0
        # Objects before regions, large before small; no region is larger than the input.
        rank = area + tf.where(ignored, 0.0, float(input_size[0] * input_size[1]))
        order = tf.argsort(rank, direction="DESCENDING")
        count = tf.minimum(tf.reduce_sum(tf.cast(kept, tf.int32)), max_objects)
        order = tf.boolean_mask(order, tf.gather(kept, order))[:count]
        return tf.gather(shown, order), tf.gather(labels, order), tf.gather(ignored, order)
