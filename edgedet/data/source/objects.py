"""The objects of a data set by record, as tensors, for many records at once."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data.record import Dataset


class Objects:
    """Gives the boxes, labels and ignore flags of records by their index, inside tf.data.

    Args:
        dataset: Records.
        broken: bool `[N]`: the record's image cannot be read, so nothing is asked about it.
    """

    def __init__(self, dataset: Dataset, broken: np.ndarray | None = None):
        records = dataset.records
        counts = np.array([len(record.labels) for record in records])
        ignored = np.concatenate([record.ignored for record in records])
        if broken is not None:
            ignored = ignored | np.repeat(broken, counts)
        boxes = np.concatenate([record.boxes for record in records])
        self._starts, self._counts = _rows(counts)
        # One more, which is no object, so that there is something to look up.
        self._boxes = tf.constant(np.append(boxes, np.zeros((1, 4), "float32"), axis=0))
        labels = np.concatenate([record.labels for record in records])
        self._labels = tf.constant(np.append(labels, np.int32(-1)))
        self._ignored = tf.constant(np.append(ignored, False))
        # Those that may be chosen, by their places.
        owners = np.repeat(np.arange(len(records)), counts)[~ignored]
        self._first, self._choices = _rows(np.bincount(owners, minlength=len(records)))
        self._choosable = tf.constant(np.append(np.flatnonzero(~ignored), 0))
        every = np.ones(len(dataset.class_names), bool)
        self._known = tf.constant(
            np.stack([every if r.known is None else r.known for r in records])
        )
        self._domain = tf.constant([record.domain for record in records], tf.int32)

    def __call__(self, index):
        """Return all objects of records.

        Args:
            index: int `[...]`.

        Returns:
            boxes `[..., G, 4]` xyxy in source pixels, labels int32 `[..., G]`, -1 beyond the
            objects of a record, and ignored `[..., G]`.
        """
        counts = tf.gather(self._counts, index)[..., None]
        slots = tf.range(tf.reduce_max(counts))
        there = slots < counts
        places = tf.where(there, tf.gather(self._starts, index)[..., None] + slots, -1)
        places = tf.where(there, places, tf.size(self._labels) - 1)
        found = (tf.gather(column, places) for column in (self._boxes, self._labels, self._ignored))
        return tuple(found)

    def choose(self, index, draw):
        """Return a random object of each record that is not ignored.

        Args:
            index: int `[...]`.
            draw: float32 `[...]` in [0, 1).

        Returns:
            Its box, float32 `[..., 4]` in source pixels, and whether there is one, bool `[...]`.
        """
        count = tf.gather(self._choices, index)
        place = tf.cast(draw * tf.cast(count, tf.float32), tf.int32)
        place = tf.gather(self._first, index) + tf.clip_by_value(place, 0, tf.maximum(count - 1, 0))
        return tf.gather(self._boxes, tf.gather(self._choosable, place)), count > 0

    def known(self, index):
        """Return the classes that the records' annotators looked for, bool `[..., C]`."""
        return tf.gather(self._known, index)

    def domain(self, index):
        """Return the place in `outputs.DOMAINS` of each record, int32 `[...]`; -1 is unknown."""
        return tf.gather(self._domain, index)


def _rows(counts):
    """Return where the rows of each record begin, and how many there are, int32 `[N]` each."""
    return tf.constant(np.cumsum(counts) - counts, tf.int32), tf.constant(counts, tf.int32)
