"""Layers: what a sample is put together of, each a view of one record.

An ordinary sample has one layer. Mosaic divides the input among four, mixup lays a second over
all of it, copy-paste lays objects of others onto it.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from edgedet.data.augment.placement import Placement, as_view, place


class Layers(NamedTuple):
    """The layers of the samples of a batch, the lowest first.

    Attributes:
        index: int64 `[B, L]`, the record.
        placement: Of its image, `[B, L, ...]`; a layer that draws nothing is not there.
        low: int32 `[B, L, 2]`, the first pixel, (y, x), of the part of the input it may draw on.
        high: int32 `[B, L, 2]`, the first one behind.
        opacity: float32 `[B, L]`, the share of what is seen that is the layer's, not of those
            below.
        fade: float32 `[B, L]`, pixels from its edge over which a layer becomes opaque.
    """

    index: tf.Tensor
    placement: Placement
    low: tf.Tensor
    high: tf.Tensor
    opacity: tf.Tensor
    fade: tf.Tensor

    @property
    def views(self):
        """The (scale, offset) of each layer, float32 `[B, L, 2]`."""
        return as_view(self.placement)

    @property
    def windows(self):
        """The part of the input that each layer may draw on, float32 `[B, L, 4]` xyxy."""
        corners = tf.concat([tf.reverse(self.low, [-1]), tf.reverse(self.high, [-1])], axis=-1)
        return tf.cast(corners, tf.float32)

    @property
    def covers(self):
        """Whether a layer hides what is below it, bool `[B, L]`."""
        return self.placement.drawn & (self.opacity >= 1.0)


def make_layers(index, source_size, view, window, opacity=1.0, fade=0.0) -> Layers:
    """Return layers that show views in windows of the input.

    Args:
        index: int64 `[B, L]`.
        source_size: int32 `[B, L, 2]`.
        view: (scale, offset), float32 `[B, L, 2]` each.
        window: (low, high), int32 `[B, L, 2]` each; an empty one makes no layer.
        opacity: float32 `[B, L]` or a number.
        fade: float32 `[B, L]` or a number.
    """
    low, high = window
    shape = tf.shape(index)
    return Layers(
        index,
        place(source_size, *view, low, high),
        low,
        high,
        tf.broadcast_to(tf.cast(opacity, tf.float32), shape),
        tf.broadcast_to(tf.cast(fade, tf.float32), shape),
    )


def stacked(below: Layers, above: Layers) -> Layers:
    """Return all layers of both, those of `above` on top."""
    return tf.nest.map_structure(lambda a, b: tf.concat([a, b], axis=1), below, above)


def whole_window(input_size, chosen):
    """Return all of the input as the window, (low, high), of one layer, int32 `[B, 1, 2]` each.

    Args:
        input_size: (height, width).
        chosen: bool `[B]`; the others get an empty window, so no layer.
    """
    high = tf.where(chosen[:, None, None], tf.constant(input_size), 0)
    return tf.zeros_like(high), high
