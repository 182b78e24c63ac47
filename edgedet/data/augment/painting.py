"""Painting: the layers of a sample become one image."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from edgedet.data.augment.layers import Layers
from edgedet.data.augment.stroke import Stroke, draw, stroke


class Laid(NamedTuple):
    """A layer that is laid onto those below it; tensors `[B, ...]`, or of one sample.

    Attributes:
        stroke: How it is drawn.
        drawn: bool `[B]`: there is anything to be seen.
        cover: float32 `[B, h, w]`, the share of each pixel that is its own.
    """

    stroke: Stroke
    drawn: tf.Tensor
    cover: tf.Tensor


def paint(pixels, layers: Layers, flipped, input_size, bands):
    """Return the images of a batch, float32 `[B, h, w, bands]` in 0..255.

    Args:
        pixels: Gives parts of images, see `edgedet.data.source.pixels`.
        layers: What the samples are put together of.
        flipped: bool `[B]`: mirrored left to right.
        input_size: (height, width).
        bands: Of the images.
    """
    count = layers.index.shape[1]
    each = [tf.nest.map_structure(lambda part, i=i: part[:, i], layers) for i in range(count)]
    ground = stroke(each[0].index, each[0].placement, input_size)
    upper = [_laid(layer, input_size) for layer in each[1:]]

    def sample(elements):
        ground, upper, flipped = elements
        image = draw(pixels, ground, input_size, bands)
        for layer in upper:
            image = tf.cond(
                layer.drawn,
                lambda below=image, layer=layer: (
                    below
                    + layer.cover[..., None]
                    * (draw(pixels, layer.stroke, input_size, bands) - below)
                ),
                lambda below=image: below,
            )
        return tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)

    spec = tf.TensorSpec([*input_size, bands], tf.float32)
    return tf.map_fn(sample, (ground, upper, flipped), fn_output_signature=spec)


def shown(layers: Layers, flipped, input_size):
    """Return which pixels of a batch show an image; bool `[B, h, w, 1]`, others are padding.

    Args:
        layers: What the samples are put together of.
        flipped: bool `[B]`: mirrored left to right.
        input_size: (height, width).
    """
    start, end = layers.placement.start, layers.placement.end
    inside = []
    for axis, side in enumerate(input_size):
        places = tf.range(side)
        inside.append((places >= start[..., axis, None]) & (places < end[..., axis, None]))
    covered = tf.reduce_any(inside[0][..., :, None] & inside[1][..., None, :], axis=1)
    return tf.where(flipped[:, None, None], tf.reverse(covered, [2]), covered)[..., None]


def _laid(layer, input_size):
    share = layer.opacity[:, None, None] * cover(layer.placement, layer.fade, input_size)
    drawn = layer.placement.drawn
    return Laid(stroke(layer.index, layer.placement, input_size), drawn, share)


def cover(placement, fade, input_size):
    """Return how opaque layers are at each pixel, float32 `[B, h, w]` in 0..1.

    Args:
        placement: Where they draw, `[B, ...]`; elsewhere they are clear.
        fade: float32 `[B]`, pixels over which they become opaque; 0 gives a hard edge.
        input_size: (height, width).
    """
    start, end = (tf.cast(pair, tf.float32) for pair in (placement.start, placement.end))
    ramps = []
    for axis, side in enumerate(input_size):
        centres = tf.range(side, dtype=tf.float32) + 0.5
        depth = tf.minimum(centres - start[:, axis, None], end[:, axis, None] - centres)
        ramps.append(tf.clip_by_value(depth / tf.maximum(fade[:, None], 1e-3), 0.0, 1.0))
    return ramps[0][:, :, None] * ramps[1][:, None]
