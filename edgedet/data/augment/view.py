"""Views: which part of an image the network sees, and how large.

A view is an affine map along each axis, `input = source * scale + offset`, both float32 `[..., 2]`
as (y, x). Whole images are mapped as the device's letterbox maps them.
"""

import tensorflow as tf

from edgedet.geometry.letterbox import PADDING


def whole(source_size, input_size):
    """Return (scale, offset) of the whole image; the same as `Letterbox.fit`.

    Args:
        source_size: int `[..., 2]`.
        input_size: (height, width).
    """
    # In double precision, as Python computes, so that half a pixel is rounded the same way.
    source = tf.cast(source_size, tf.float64)
    target = tf.constant(input_size, tf.float64)
    ratio = tf.reduce_min(target / source, axis=-1, keepdims=True)
    scaled = tf.clip_by_value(tf.round(source * ratio), 1.0, target)
    offset = tf.floor((target - scaled) / 2)
    return tf.cast(scaled / source, tf.float32), tf.cast(offset, tf.float32)


def map_boxes(boxes, scale, offset):
    """Return source boxes, `[..., G, 4]` xyxy, in input pixels, not clipped."""
    scale, offset = (tf.reverse(pair, [-1])[..., None, :] for pair in (scale, offset))
    return boxes * tf.concat([scale, scale], -1) + tf.concat([offset, offset], -1)


def render(image, scale, offset, input_size):
    """Return what a view shows as the device would show it, uint8 `[h, w, bands]`.

    Grey where the image ends.

    Args:
        image: uint8 `[H, W, bands]`.
        scale: float32 `[2]`.
        offset: float32 `[2]`.
        input_size: (height, width) of the result.
    """
    part, scale, offset = _crop(image, scale, offset, input_size)
    pixels = tf.raw_ops.ScaleAndTranslate(
        images=part[None],
        size=tf.constant(input_size),
        scale=scale,
        translation=offset,
        kernel_type="triangle",
        antialias=True,
    )[0]
    extent = scale * tf.cast(tf.shape(part)[:2], tf.float32)
    rows = _covered(input_size[0], offset[0], extent[0])
    columns = _covered(input_size[1], offset[1], extent[1])
    shown = tf.where(rows[:, None, None] & columns[None, :, None], pixels, float(PADDING))
    return tf.cast(tf.clip_by_value(tf.round(shown), 0, 255), tf.uint8)


def _crop(image, scale, offset, input_size):
    """Return only the part of the image that is seen, with its scale and offset."""
    size = tf.shape(image)[:2]
    # Two taps of the filter beyond the border, whole pixels.
    margin = tf.math.ceil(1.0 / tf.minimum(scale, 1.0)) + 1.0
    first = tf.floor(-offset / scale - margin)
    last = tf.math.ceil((tf.constant(input_size, tf.float32) - offset) / scale + margin)
    first = tf.clip_by_value(tf.cast(first, tf.int32), 0, size - 1)
    last = tf.clip_by_value(tf.cast(last, tf.int32), first + 1, size)
    part = image[first[0] : last[0], first[1] : last[1]]
    return part, scale, offset + tf.cast(first, tf.float32) * scale


def _covered(side, offset, extent):
    centres = tf.range(side, dtype=tf.float32) + 0.5
    return (centres > offset) & (centres < offset + extent)
