"""The objects of a data set by record, as tensors, for many records at once."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data.record import Dataset
from edgedet.data.source.sampling import class_factors


class Objects:
    """Gives the boxes, labels and ignore flags of records by their index, inside tf.data.

    Args:
        dataset: Records.
        broken: bool `[N]`: the record's image cannot be read, so nothing is asked about it.
        threshold: Objects of rare classes are chosen more often, see `class_factors`; 0 chooses
            all of a record equally often.
    """

    def __init__(self, dataset: Dataset, broken: np.ndarray | None = None, threshold: float = 0.0):
        records = dataset.records
        counts = np.array([len(record.labels) for record in records])
        ignored = np.concatenate([record.ignored for record in records])
        if broken is not None:
            ignored = ignored | np.repeat(broken, counts)
        boxes = np.concatenate([record.boxes for record in records])
        labels = np.concatenate([record.labels for record in records])
        self._starts, self._counts = _rows(counts)
        # One more, which is no object, so that there is something to look up.
        self._boxes = tf.constant(np.append(boxes, np.zeros((1, 4), "float32"), axis=0))
        self._labels = tf.constant(np.append(labels, np.int32(-1)))
        self._ignored = tf.constant(np.append(ignored, False))
        # Those that may be chosen lie side by side on a line, each as long as its class asks.
        owners = np.repeat(np.arange(len(records)), counts)[~ignored]
        lengths = class_factors(dataset, threshold)[labels[~ignored]]
        ends = np.append(0.0, np.cumsum(lengths))
        bounds = np.searchsorted(owners, np.arange(len(records) + 1))
        self._ends = tf.constant(ends[1:])
        self._low, self._high = tf.constant(ends[bounds[:-1]]), tf.constant(ends[bounds[1:]])
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
        """Return a random object of each record that is not ignored, of rare classes more often.

        Args:
            index: int `[...]`.
            draw: float32 `[...]` in [0, 1).

        Returns:
            Its box, float32 `[..., 4]` in source pixels, and whether there is one, bool `[...]`.
        """
        low, high = tf.gather(self._low, index), tf.gather(self._high, index)
        place = low + tf.cast(draw, tf.float64) * (high - low)
        # Rounding may lead to the end of the record, which belongs to the next.
        place = tf.minimum(place, tf.experimental.numpy.nextafter(high, low))
        object_ = tf.searchsorted(self._ends, tf.reshape(place, [-1]), side="right")
        chosen = tf.gather(self._choosable, tf.reshape(object_, tf.shape(place)))
        return tf.gather(self._boxes, chosen), high > low

    def known(self, index):
        """Return the classes that the records' annotators looked for, bool `[..., C]`."""
        return tf.gather(self._known, index)

    def domain(self, index):
        """Return the place in `outputs.DOMAINS` of each record, int32 `[...]`; -1 is unknown."""
        return tf.gather(self._domain, index)


def _rows(counts):
    """Return where the rows of each record begin, and how many there are, int32 `[N]` each."""
    return tf.constant(np.cumsum(counts) - counts, tf.int32), tf.constant(counts, tf.int32)
