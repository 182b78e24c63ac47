"""Placements: views of which every edge is a whole pixel, which makes them cheap to draw.

Any view of an image is near one of these: a rectangle of whole pixels of the image, perhaps
halved in size a few times, drawn into a rectangle of whole pixels of the input. Only those have
to be read and resampled, and the map between the two rectangles is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

# An image is used at 1/2, 1/4 or 1/8 of its size as long as that is no smaller than it is shown:
# so JPEG files can be decoded. Far reduced, a filter of few pixels sees all of them.
MAX_HALVINGS = 3


class Placement(NamedTuple):
    """Where an image is drawn; int32 tensors, pairs are (y, x).

    Attributes:
        halvings: `[...]`, how often the image is halved.
        first: `[..., 2]`, the first pixel of the halved image that is shown.
        last: `[..., 2]`, the first one behind those that are shown.
        start: `[..., 2]`, the first pixel of the input that shows it.
        end: `[..., 2]`, the first one behind those; not after `start` where nothing is drawn.
    """

    halvings: tf.Tensor
    first: tf.Tensor
    last: tf.Tensor
    start: tf.Tensor
    end: tf.Tensor

    @property
    def drawn(self):
        """Whether there is anything to be seen, bool `[...]`."""
        return tf.reduce_all(self.end > self.start, axis=-1)


def place(source_size, scale, offset, low, high) -> Placement:
    """Return the placement nearest to a view: edges move by half a pixel of the image at most.

    Args:
        source_size: int32 `[..., 2]`.
        scale: float32 `[..., 2]`, see `edgedet.data.augment.view`.
        offset: float32 `[..., 2]`.
        low: int32 `[..., 2]`, the first pixel of the part of the input that may be drawn on.
        high: int32 `[..., 2]`, the first one behind; nothing is drawn unless it is after `low`.
    """
    halvings = halvings_at(scale)
    size = halved(source_size, halvings)
    scale *= tf.cast(2**halvings, tf.float32)[..., None]
    first = _whole((tf.cast(low, tf.float32) - offset) / scale, 0, size - 1)
    last = _whole((tf.cast(high, tf.float32) - offset) / scale, first + 1, size)
    start = _whole(offset, low, tf.maximum(high - 1, low))
    end = _whole(offset + tf.cast(size, tf.float32) * scale, tf.minimum(start + 1, high), high)
    return Placement(halvings, first, last, start, end)


def halvings_at(scale, margin=1.0):
    """Return how often an image may be halved to be shown at a scale, int32 `[...]`.

    Args:
        scale: float32 `[..., 2]`.
        margin: It stays at least so many times as large as it is shown.
    """
    spare = 1.0 / (margin * tf.reduce_max(scale, axis=-1))
    # Scales of exactly 1/2, 1/4 ... are common, and their logarithms are not exact.
    halvings = tf.math.log(spare) / tf.math.log(2.0) + 1e-5
    return tf.cast(tf.clip_by_value(tf.floor(halvings), 0.0, MAX_HALVINGS), tf.int32)


def halved(size, halvings):
    """Return the size of an image after halvings that leave odd last pixels out, `[..., 2]`."""
    return tf.maximum(size // 2 ** halvings[..., None], 1)


def as_view(placement: Placement):
    """Return the (scale, offset) of the view that a placement draws, float32 `[..., 2]` each."""
    first, last, start, end = (tf.cast(pair, tf.float32) for pair in placement[1:])
    step = tf.cast(2**placement.halvings, tf.float32)[..., None]
    scale = tf.maximum(end - start, 1.0) / ((last - first) * step)
    return scale, start - first * step * scale


def _whole(position, lowest, highest):
    return tf.clip_by_value(tf.cast(tf.round(position), tf.int32), lowest, highest)
