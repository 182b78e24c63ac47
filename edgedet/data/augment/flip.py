"""Horizontal flip: boxes as they lie in a mirror; `painting` turns the pixels."""

import tensorflow as tf


def flip_boxes(boxes, chosen, width):
    """Return the boxes of a batch, `[B, G, 4]`, those of chosen samples mirrored.

    Args:
        boxes: float32 `[B, G, 4]` in input pixels.
        chosen: bool `[B]`.
        width: Of the input.
    """
    return tf.where(chosen[:, None, None], mirror(boxes, width), boxes)


def mirror(boxes, width):
    """Return boxes, `[..., 4]`, as they lie in an image of `width` seen in a mirror."""
    width = tf.cast(width, boxes.dtype)
    x1, y1, x2, y2 = tf.unstack(boxes, axis=-1)
    return tf.stack([width - x2, y1, width - x1, y2], axis=-1)
