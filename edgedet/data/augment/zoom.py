"""Zoom: views in which a chosen object gets a chosen size.

Small faces are the rule in photographs and large ones the exception; choosing the size of a
random object evenly over the octaves shows the network every size equally often.
"""

import tensorflow as tf

from edgedet.settings import Zoom

# Of the size in which an image fits the input: drawn smaller, most of the input would be empty.
LEAST = 0.5
# Random numbers that a view is drawn from.
DRAWS = 5


def draw_view(zoom: Zoom, source_size, box, exists, input_size, draws, least=LEAST):
    """Return the (scale, offset) of random views, float32 `[..., 2]` each.

    A zoomed view shows its object whole, or, where that is larger than the input, nothing else;
    any other shows the whole image or, where that is drawn larger, a part of it.

    Args:
        zoom: How views are drawn.
        source_size: int `[..., 2]`.
        box: float32 `[..., 4]` xyxy, source pixels: the object to zoom to.
        exists: bool `[...]`; where there is no object, the view is not zoomed.
        input_size: int `[..., 2]`, (height, width).
        draws: float32 `[..., DRAWS]` in [0, 1).
        least: An image is drawn no smaller than this share of the size in which it fits the
            input; less leaves more of the input empty.
    """
    source, target = tf.cast(source_size, tf.float32), tf.cast(input_size, tf.float32)
    fit = tf.reduce_min(target / source, axis=-1)
    zoomed = exists & (draws[..., 0] < zoom.probability)
    scale = tf.where(
        zoomed,
        object_scale(zoom, box, fit, draws[..., 1]),
        fit * _log_uniform(draws[..., 1], 1 / zoom.jitter, zoom.jitter),
    )
    scale = tf.maximum(scale, least * fit)
    half_stretch = tf.sqrt(_log_uniform(draws[..., 2], 1 / zoom.stretch, zoom.stretch))
    scales = scale[..., None] * tf.stack([half_stretch, 1 / half_stretch], axis=-1)
    # Without a chosen object the whole image is what must be seen.
    first = tf.where(zoomed[..., None], box[..., 1::-1], 0.0) * scales
    last = tf.where(zoomed[..., None], box[..., :1:-1], source) * scales
    return scales, _offset(source * scales, target, (first, last), draws[..., 3:5])


def object_scale(zoom: Zoom, box, fit, draw):
    """Return the scale at which an object gets a random size, float32 `[...]`.

    Args:
        zoom: The smallest and largest size and enlargement.
        box: float32 `[..., 4]` xyxy, source pixels.
        fit: float32 `[...]`, the scale at which the whole image fits the input.
        draw: float32 `[...]` in [0, 1).
    """
    side = tf.sqrt(tf.maximum((box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]), 1.0))
    wanted = _log_uniform(draw, zoom.smallest, zoom.largest) / side
    return tf.minimum(wanted, tf.maximum(zoom.enlargement, fit))


def _offset(scaled, target, span, draws):
    """Return a random offset that shows the span, without padding if the image is large."""
    low, high = tf.minimum(0.0, target - scaled), tf.maximum(0.0, target - scaled)
    # The whole span inside the input, or, if it is larger, the input inside the span.
    a, b = -span[0], target - span[1]
    low, high = tf.maximum(low, tf.minimum(a, b)), tf.minimum(high, tf.maximum(a, b))
    return low + draws * tf.maximum(high - low, 0.0)


def _log_uniform(draw, low, high):
    return low * (high / low) ** draw
