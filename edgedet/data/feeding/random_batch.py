"""A batch of training: random records, seen at random."""

from __future__ import annotations

import tensorflow as tf

from edgedet.data.augment.appearance import change_appearance
from edgedet.data.augment.composition import Composer
from edgedet.data.augment.draws import Draws
from edgedet.data.augment.flip import flip_boxes
from edgedet.data.augment.painting import paint, shown
from edgedet.data.source.sampling import Sampler
from edgedet.data.source.source import Source
from edgedet.settings import Feeding


class RandomBatch:
    """Makes any batch of any epoch, the same one whenever it is asked for.

    Args:
        source: The data.
        feeding: How records are fed.
        input_size: (height, width) of the network input.
        batch_size: Images a batch.
        seed: Decides everything random, together with the epoch and the step.
    """

    def __init__(
        self,
        source: Source,
        feeding: Feeding,
        input_size: tuple[int, int],
        batch_size: int,
        seed: int,
    ):
        self.source = source
        self.feeding = feeding
        self.input_size = input_size
        self.batch_size = batch_size
        self.seed = seed
        self._sampler = Sampler(source.dataset, feeding.balance)
        self._compose = Composer(feeding, source, self._sampler, input_size)

    def __call__(self, number, step, composed, first=0, count=None) -> dict:
        """Return the batch of a step, or a part of it; see `edgedet.data.pipeline.batches`.

        Args:
            number: Scalar int64, the epoch.
            step: Scalar int64, in the epoch.
            composed: Scalar bool: samples may be put together of several records.
            first: The first sample of the part.
            count: Samples of the part; `None` makes the whole batch.
        """
        layers, flipped, seed = self.draw(number, step, composed)
        draws = Draws(seed, self.batch_size, first, count)
        layers, flipped = tf.nest.map_structure(draws.of, (layers, flipped))
        truth = self.truth(layers, flipped)
        images, seen = self.paint(layers, flipped), shown(layers, flipped, self.input_size)
        images = change_appearance(self.feeding, images, truth, draws, seen)
        return {"images": images, **truth}

    def draw(self, number, step, composed):
        """Return what a batch shows: its layers, which samples are mirrored, and a further seed."""
        epoch = tf.stack([tf.constant(self.seed, tf.int64), number])
        seeds = tf.random.split(tf.random.experimental.stateless_fold_in(epoch, step), 3)
        seeds = tf.unstack(seeds, num=3)
        layers = self._compose(self._records(epoch, step), composed, seeds[0])
        flipped = tf.random.stateless_uniform([self.batch_size], seeds[1]) < self.feeding.flip
        return layers, flipped, seeds[2]

    def truth(self, layers, flipped) -> dict:
        """Return what a batch says beside its images."""
        truth = self.source.truth(
            self.feeding, layers.index, layers.views, layers.windows, layers.covers
        )
        boxes = flip_boxes(truth["boxes"], flipped, self.input_size[1])
        # What is padding stays padding.
        return {**truth, "boxes": tf.where(truth["labels"][..., None] >= 0, boxes, 0.0)}

    def paint(self, layers, flipped):
        """Return the images of a batch in their own light, float32 `[B, h, w, bands]`, 0..255."""
        return paint(self.source.pixels, layers, flipped, self.input_size, self.source.bands)

    def _records(self, epoch, step):
        """Return the records of a batch, int64 `[B]`."""
        places = step * self.batch_size + tf.range(self.batch_size, dtype=tf.int64)
        # A permutation computed place by place, so an epoch may be entered anywhere.
        last = len(self.source.dataset) - 1
        places = tf.random.experimental.index_shuffle(places, epoch, last)
        shift = tf.random.stateless_uniform([], epoch, dtype=tf.float64)
        return self._sampler.of_epoch(places, shift)
