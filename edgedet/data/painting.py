"""Painting: the layers of a sample become one image."""

from __future__ import annotations

import tensorflow as tf

from edgedet.data.layers import Layers
from edgedet.data.placement import draw


def paint(pixels, layers: Layers, flipped, input_size, bands):
    """Return the images of a batch, float32 `[B, h, w, bands]` in 0..255.

    Args:
        pixels: Where parts of images come from, see `edgedet.data.pixels`.
        layers: What the samples are put together of.
        flipped: bool `[B]`: mirrored left to right.
        input_size: (height, width).
        bands: Of the images.
    """

    def sample(layers_and_flipped):
        layers, flipped = layers_and_flipped
        image = _image(pixels, layers, input_size)
        return tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)

    spec = tf.TensorSpec([*input_size, bands], tf.float32)
    return tf.map_fn(sample, (layers, flipped), fn_output_signature=spec)


def _image(pixels, layers, input_size):
    """Return the image of one sample, whose layers are `[L, ...]`."""
    count = layers.index.shape[0]
    each = [tf.nest.map_structure(lambda part, i=i: part[i], layers) for i in range(count)]
    image = _drawn(pixels, each[0], input_size)
    for layer in each[1:]:
        image = tf.cond(
            layer.placement.drawn,
            lambda below=image, layer=layer: _laid(below, pixels, layer, input_size),
            lambda below=image: below,
        )
    return image


def _laid(below, pixels, layer, input_size):
    above = _drawn(pixels, layer, input_size)
    share = layer.opacity * cover(layer.placement, layer.fade, input_size)
    return below + share[..., None] * (above - below)


def _drawn(pixels, layer, input_size):
    shown = layer.placement
    part = pixels(layer.index, shown.halvings, shown.first, shown.last)
    return draw(part, shown, input_size)


def cover(placement, fade, input_size):
    """Return how opaque a layer is at each pixel, float32 `[h, w]` in 0..1.

    Args:
        placement: Where the layer draws; elsewhere it is clear.
        fade: Pixels over which it becomes opaque; 0 gives it a hard edge.
        input_size: (height, width).
    """
    start, end = (tf.cast(pair, tf.float32) for pair in (placement.start, placement.end))
    ramps = []
    for axis, side in enumerate(input_size):
        centres = tf.range(side, dtype=tf.float32) + 0.5
        depth = tf.minimum(centres - start[axis], end[axis] - centres)
        ramps.append(tf.clip_by_value(depth / tf.maximum(fade, 1e-3), 0.0, 1.0))
    return ramps[0][:, None] * ramps[1]
