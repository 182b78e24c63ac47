"""What of the objects is seen: which are asked for, which are ignored, which are gone."""

from __future__ import annotations

import tensorflow as tf

from edgedet.data.augment import view
from edgedet.geometry import boxes as box_geometry

# An object of which less is visible is no longer asked for, only ignored.
MIN_VISIBLE = 0.5


def seen(objects, scale, offset, windows, covers):
    """Return objects as they lie in the input, clipped to the window that shows them.

    Args:
        objects: boxes `[B, L, G, 4]` xyxy in source pixels, labels `[B, L, G]` (-1 is none) and
            ignored `[B, L, G]`, of the layers of each sample, the lowest first.
        scale: float32 `[B, L, 2]`, see `edgedet.data.augment.view`.
        offset: float32 `[B, L, 2]`.
        windows: float32 `[B, L, 4]` xyxy, the part of the input that each layer is drawn on.
        covers: bool `[B, L]`: the layer hides what lies under its window.

    Returns:
        Boxes `[B, L * G, 4]` and labels `[B, L * G]` (-1: not seen at all), and ignored
        `[B, L * G]`, set also where less than half is visible.
    """
    boxes, labels, ignored = objects
    full = view.map_boxes(boxes, scale, offset)
    shown = _shared(full, windows[:, :, None])
    area = box_geometry.area(shown)
    hidden = _hidden(shown, windows, covers)
    share = (area - hidden) / tf.maximum(box_geometry.area(full), box_geometry.EPSILON)
    labels = tf.where(area > 0, labels, -1)
    flat = [tf.shape(boxes)[0], boxes.shape[1] * tf.shape(boxes)[2]]
    return (
        tf.reshape(shown, [*flat, 4]),
        tf.reshape(labels, flat),
        tf.reshape(ignored | (share < MIN_VISIBLE), flat),
    )


def select(boxes, labels, ignored, min_side, max_objects) -> dict:
    """Return the objects of each sample that the network is told of, the largest first.

    Those smaller than `min_side` pixels (geometric mean of the sides) become ignore regions:
    they are neither asked for nor punished. Where there are more than `max_objects`, the
    smallest regions go first.

    Args:
        boxes: float32 `[B, N, 4]` xyxy in input pixels.
        labels: int32 `[B, N]`, -1 is none.
        ignored: bool `[B, N]`.
        min_side: In input pixels.
        max_objects: Of a sample.

    Returns:
        Dict of `boxes` `[B, G, 4]`, `labels` `[B, G]` and `ignored` `[B, G]`, where G is the
        largest number of a sample; the rest is padding: zeros, -1 and False.
    """
    area = box_geometry.area(boxes)
    ignored = ignored | (area < min_side**2)
    kept = labels >= 0
    # Objects before regions, large before small; no input is so large.
    rank = tf.where(kept, tf.where(ignored, area - 1e7, area), -1e9)
    count = tf.reduce_max(tf.reduce_sum(tf.cast(kept, tf.int32), axis=1))
    order = tf.math.top_k(rank, tf.minimum(count, max_objects)).indices
    boxes, labels, ignored, kept = (
        tf.gather(column, order, batch_dims=1) for column in (boxes, labels, ignored, kept)
    )
    return {
        "boxes": tf.where(kept[..., None], boxes, 0.0),
        "labels": tf.where(kept, labels, -1),
        "ignored": ignored & kept,
    }


def _hidden(boxes, windows, covers):
    """Return how much of each box, `[B, L, G]` square pixels, is under later layers."""
    hidden = [tf.zeros_like(boxes[:, 0, :, 0])] * boxes.shape[1]
    # Layers are few and known when the graph is made.
    for upper in range(1, boxes.shape[1]):
        window = windows[:, upper, None]
        for lower in range(upper):
            shared = box_geometry.intersection(boxes[:, lower], window)
            hidden[lower] += tf.where(covers[:, upper, None], shared, 0.0)
    return tf.stack(hidden, axis=1)


def _shared(boxes, windows):
    """Return the part of boxes inside windows, xyxy."""
    low, high = windows[..., :2], windows[..., 2:]
    corners = (tf.clip_by_value(boxes[..., i : i + 2], low, high) for i in (0, 2))
    return tf.concat(list(corners), axis=-1)
