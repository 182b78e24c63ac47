"""Which record a sample shows: each once an epoch, or those of rare classes more often.

Repeat-factor sampling after Gupta et al. 2019, LVIS, https://arxiv.org/abs/1908.03195, here with
epochs of one length.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data.record import Dataset


def repeat_factors(dataset: Dataset, threshold: float) -> np.ndarray:
    """Return how often each record should be shown, beside one that has no rare class: `[N]`.

    Args:
        dataset: Records; only objects that are not ignored count.
        threshold: A class that a smaller share of the records has is rare; it is repeated by
            the square root of how much smaller that share is. More repeats more classes.
    """
    present = np.zeros((len(dataset), len(dataset.class_names)), bool)
    for row, record in zip(present, dataset.records, strict=True):
        row[record.labels[~record.ignored]] = True
    share = np.maximum(present.mean(axis=0), 1 / len(dataset))
    factors = np.maximum(1.0, np.sqrt(threshold / share))
    # A record is shown as often as its rarest class asks.
    return np.where(present, factors, 1.0).max(axis=1, initial=1.0)


class Sampler:
    """Chooses records inside tf.data.

    Args:
        dataset: Records.
        threshold: See `repeat_factors`; 0 shows all records equally often.
    """

    def __init__(self, dataset: Dataset, threshold: float = 0.0):
        factors = repeat_factors(dataset, threshold)
        groups = _groups(dataset)
        # Records of a group lie side by side on a line, each as long as its factor.
        order = np.argsort(groups, kind="stable")
        ends = np.cumsum(factors[order])
        bounds = np.concatenate([[0.0], ends[np.flatnonzero(np.diff(groups[order]))], ends[-1:]])
        self._order, self._ends = tf.constant(order), tf.constant(ends)
        self._low, self._high = tf.constant(bounds[groups]), tf.constant(bounds[groups + 1])
        self._step = ends[-1] / len(dataset)

    def of_epoch(self, places, shift):
        """Return the records of an epoch, int64 `[...]`: evenly spaced points of the line.

        So each record comes as often as its factor asks, rounded up or down.

        Args:
            places: int64 `[...]`, 0 to N - 1.
            shift: float64 in [0, 1), another one in each epoch.
        """
        return self._at((tf.cast(places, tf.float64) + shift) * self._step)

    def partner(self, index, draw):
        """Return a random record of the same kind for each, int64 `[...]`.

        Of the same kind are records whose sets label the same classes and are of one domain: of
        a sample that is put together of them it is known what may be asked.

        Args:
            index: int64 `[...]`.
            draw: float32 `[...]` in [0, 1).
        """
        low, high = tf.gather(self._low, index), tf.gather(self._high, index)
        place = low + tf.cast(draw, tf.float64) * (high - low)
        # Rounding may lead to the end of the group, which belongs to the next.
        return self._at(tf.minimum(place, tf.experimental.numpy.nextafter(high, low)))

    def _at(self, position):
        flat = tf.reshape(position, [-1])
        place = tf.searchsorted(self._ends, flat, side="right", out_type=tf.int64)
        place = tf.minimum(place, tf.cast(tf.size(self._ends) - 1, tf.int64))
        return tf.reshape(tf.gather(self._order, place), tf.shape(position))


def _groups(dataset):
    """Return, per record, the number of its kind, `[N]`: what its set labels, and its domain."""
    every = (True,) * len(dataset.class_names)
    kinds = [
        (every if r.known is None else tuple(r.known.tolist()), r.domain) for r in dataset.records
    ]
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    return np.array([numbers[kind] for kind in kinds])
