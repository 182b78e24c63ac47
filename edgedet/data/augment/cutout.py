"""Cutout: a rectangle of the input is lost to grey, but no object with it.

DeVries and Taylor 2017, https://arxiv.org/abs/1708.04552; rectangles of any shape after Random
Erasing, Zhong et al. 2017, https://arxiv.org/abs/1708.04896.
"""

import tensorflow as tf

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.letterbox import PADDING

# Of the input's sides.
SIDES = (0.1, 0.4)
# A rectangle that hides more of an object is left out.
MOST_HIDDEN = 0.5


def cutout_boxes(probability, boxes, input_size, draws):
    """Return the rectangle that each sample loses, float32 `[B, 4]` xyxy; empty for most.

    Args:
        probability: Share of the samples that may lose one.
        boxes: float32 `[B, G, 4]`, of objects that must stay visible.
        input_size: (height, width).
        draws: float32 `[B, 5]` in [0, 1).
    """
    height, width = input_size
    size = tf.constant([width, height], tf.float32)
    sides = tf.round(size * (SIDES[0] + (SIDES[1] - SIDES[0]) * draws[:, 1:3]))
    low = tf.floor(draws[:, 3:5] * (size - sides + 1.0))
    holes = tf.concat([low, low + sides], axis=-1)
    area = tf.maximum(box_geometry.area(boxes), box_geometry.EPSILON)
    hidden = box_geometry.intersection(boxes, holes[:, None]) / area
    allowed = tf.reduce_all(hidden <= MOST_HIDDEN, axis=1) & (draws[:, 0] < probability)
    return tf.where(allowed[:, None], holes, 0.0)


def cut_out(images, holes):
    """Return images, float32 `[B, h, w, bands]` in 0..1, grey inside `holes`, `[B, 4]` xyxy."""
    rows = tf.range(images.shape[1], dtype=tf.float32) + 0.5
    columns = tf.range(images.shape[2], dtype=tf.float32) + 0.5
    down = (rows > holes[:, 1:2]) & (rows < holes[:, 3:4])
    across = (columns > holes[:, 0:1]) & (columns < holes[:, 2:3])
    inside = down[:, :, None] & across[:, None, :]
    return tf.where(inside[..., None], PADDING / 255, images)
