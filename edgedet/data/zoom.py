"""Zoom: views in which a chosen object gets a chosen size.

Small faces are the rule in photographs and large ones the exception; choosing the size of a
random object evenly over the octaves shows the network every size equally often.
"""

import tensorflow as tf

from edgedet.settings import Zoom


def draw_view(zoom: Zoom, source_size, boxes, ignored, input_size, seed):
    """Return the (scale, offset) of a random view.

    Args:
        zoom: How views are drawn.
        source_size: int `[2]`.
        boxes: float32 `[G, 4]` xyxy, source pixels.
        ignored: bool `[G]`; such regions are not chosen.
        input_size: (height, width).
        seed: int `[2]`.
    """
    draws = tf.random.stateless_uniform([6], seed)
    source = tf.cast(source_size, tf.float32)
    target = tf.constant(input_size, tf.float32)
    fit = tf.reduce_min(target / source)
    candidates = tf.boolean_mask(boxes, ~ignored)
    count = tf.shape(candidates)[0]
    zoomed = (count > 0) & (draws[0] < zoom.probability)
    place = tf.cast(draws[1] * tf.cast(count, tf.float32), tf.int32)
    # Without a chosen object the whole image is what must be seen.
    everything = tf.concat([[0.0, 0.0], tf.reverse(source, [0])], axis=0)
    box = tf.cond(zoomed, lambda: candidates[place], lambda: everything)
    scale = tf.where(
        zoomed,
        _object_scale(zoom, box, fit, draws[2]),
        fit * _log_uniform(draws[2], 1 / zoom.jitter, zoom.jitter),
    )
    half_stretch = tf.sqrt(_log_uniform(draws[3], 1 / zoom.stretch, zoom.stretch))
    scales = scale * tf.stack([half_stretch, 1 / half_stretch])
    span = tf.reshape(box, [2, 2])[:, ::-1] * scales  # [[y1, x1], [y2, x2]]
    return scales, _offset(source * scales, target, span, draws[4:6])


def _object_scale(zoom, box, fit, draw):
    side = tf.sqrt(tf.maximum((box[2] - box[0]) * (box[3] - box[1]), 1.0))
    wanted = _log_uniform(draw, zoom.smallest, zoom.largest) / side
    # Not much smaller than the whole image: the rest would be padding.
    return tf.clip_by_value(wanted, 0.5 * fit, tf.maximum(zoom.enlargement, fit))


def _offset(scaled, target, span, draws):
    """Return a random offset `[2]` that shows the span, without padding if the image is large."""
    low, high = tf.minimum(0.0, target - scaled), tf.maximum(0.0, target - scaled)
    # The whole span inside the input, or, if it is larger, the input inside the span.
    a, b = -span[0], target - span[1]
    low, high = tf.maximum(low, tf.minimum(a, b)), tf.minimum(high, tf.maximum(a, b))
    return low + draws * tf.maximum(high - low, 0.0)


def _log_uniform(draw, low, high):
    return low * (high / low) ** draw
