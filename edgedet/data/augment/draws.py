"""Draws: the random numbers of a batch, or of some of its samples, the same in either case.

Machines that train together make their own samples of a batch, and no others. What is drawn for
a sample must not depend on how many are made with it, so numbers are drawn for the whole batch,
which is cheap, and images made for a part of it, which is not.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Draws:
    """A source of random numbers for samples of a batch.

    Attributes:
        seed: int `[2]`.
        total: Samples of the batch.
        first: The first sample that is asked about.
        count: How many are; `None` means all of the batch.
    """

    seed: tf.Tensor
    total: int
    first: int = 0
    count: int | None = None

    def split(self, number: int) -> list[Draws]:
        """Return independent sources."""
        seeds = tf.unstack(tf.random.split(self.seed, number), num=number)
        return [dataclasses.replace(self, seed=seed) for seed in seeds]

    def uniform(self, *shape, low=0.0, high=1.0):
        """Return float32 `[count, *shape]` in [low, high)."""
        return self.of(tf.random.stateless_uniform([self.total, *shape], self.seed, low, high))

    def normal(self, *shape):
        """Return float32 `[count, *shape]`, standard normal."""
        return self.of(tf.random.stateless_normal([self.total, *shape], self.seed))

    def of(self, rows):
        """Return the rows of the samples that are asked about, of `[total, ...]`."""
        count = self.total if self.count is None else self.count
        return rows if count == self.total else rows[self.first : self.first + count]
