"""Composition: what the samples of a batch are put together of, drawn at random."""

from __future__ import annotations

import tensorflow as tf

from edgedet.data.augment import copy_paste, zoom
from edgedet.data.augment.layers import Layers, make_layers, stacked, whole_window
from edgedet.data.augment.mixup import mixup_opacity
from edgedet.data.augment.mosaic import LEAST, PARTS, mosaic_windows
from edgedet.data.source.sampling import Sampler
from edgedet.data.source.source import Source
from edgedet.settings import Feeding


class Composer:
    """Draws the layers of samples.

    Args:
        feeding: How.
        source: The records.
        sampler: Chooses the other records of a sample.
        input_size: (height, width) of the network input.
    """

    def __init__(
        self, feeding: Feeding, source: Source, sampler: Sampler, input_size: tuple[int, int]
    ):
        self.feeding = feeding
        self.input_size = input_size
        self._sizes = source.sizes
        self._objects = source.objects
        self._sampler = sampler

    def __call__(self, index, composed, seed) -> Layers:
        """Return the layers of samples.

        Args:
            index: int64 `[B]`, the record that each sample shows.
            composed: Scalar bool: some are put together of several records.
            seed: int `[2]`.
        """
        seeds = tf.unstack(tf.random.split(seed, 3), num=3)
        layers = self._ground(index, composed, seeds[0])
        if self.feeding.mixup:
            layers = stacked(layers, self._mixup(index, composed, seeds[1]))
        if self.feeding.copy_paste:
            layers = stacked(layers, self._copies(index, composed, seeds[2]))
        return layers

    def _ground(self, index, composed, seed):
        """Return the layer that fills the input, or the four that share it."""
        seeds = tf.unstack(tf.random.split(seed, 3), num=3)
        if not self.feeding.mosaic:
            window = whole_window(self.input_size, tf.ones_like(index, tf.bool))
            return self._views(index[:, None], window, seeds[0])
        draws = _uniform(seeds[1], index, [3])
        chosen = composed & (draws[:, 0] < self.feeding.mosaic)
        window = mosaic_windows(self.input_size, chosen, draws[:, 1:])
        others = self._partners(index, PARTS - 1, seeds[2])
        parts = tf.concat([index[:, None], others], axis=1)
        least = tf.where(chosen, LEAST, zoom.LEAST)[:, None]
        return self._views(parts, window, seeds[0], least=least)

    def _mixup(self, index, composed, seed):
        seeds = tf.unstack(tf.random.split(seed, 3), num=3)
        draws = _uniform(seeds[0], index, [2])
        chosen = composed & (draws[:, 0] < self.feeding.mixup)
        window = whole_window(self.input_size, chosen)
        partners = self._partners(index, 1, seeds[1])
        return self._views(partners, window, seeds[2], mixup_opacity(draws[:, 1:]))

    def _copies(self, index, composed, seed):
        seeds = tf.unstack(tf.random.split(seed, 3), num=3)
        partners = self._partners(index, copy_paste.COPIES, seeds[0])
        draws = _uniform(seeds[1], partners, [1 + copy_paste.DRAWS])
        box, exists = self._objects.choose(partners, draws[..., 0])
        sizes = tf.gather(self._sizes, partners)
        view, (low, high), fade = copy_paste.paste(
            self.feeding.zoom, sizes, box, self.input_size, draws[..., 1:]
        )
        choice = _uniform(seeds[2], index, [2])
        chosen = composed & (choice[:, 0] < self.feeding.copy_paste)
        # One copy, two or three.
        number = 1 + tf.cast(choice[:, 1] * copy_paste.COPIES, tf.int32)
        wanted = chosen[:, None] & (tf.range(copy_paste.COPIES) < number[:, None])
        high = tf.where((wanted & exists)[..., None], high, low)
        return make_layers(partners, sizes, view, (low, high), fade=fade)

    def _views(self, index, window, seed, opacity=1.0, least=zoom.LEAST):
        """Return layers of random views, each drawn for the size of its window."""
        draws = _uniform(seed, index, [1 + zoom.DRAWS])
        box, exists = self._objects.choose(index, draws[..., 0])
        sizes, (low, high) = tf.gather(self._sizes, index), window
        # An empty window shows nothing, but no number may become infinite.
        target = tf.maximum(high - low, 1)
        scale, offset = zoom.draw_view(
            self.feeding.zoom, sizes, box, exists, target, draws[..., 1:], least
        )
        view = scale, offset + tf.cast(low, tf.float32)
        return make_layers(index, sizes, view, window, opacity)

    def _partners(self, index, count, seed):
        """Return other records of the same kind, int64 `[B, count]`."""
        draws = _uniform(seed, index, [count])
        return self._sampler.partner(tf.repeat(index[:, None], count, axis=1), draws)


def _uniform(seed, index, shape):
    return tf.random.stateless_uniform(tf.concat([tf.shape(index), shape], axis=0), seed)
