"""Horizontal flip of a batch: some of the images, with their boxes."""

import tensorflow as tf


def flip(batch, probability, seed):
    """Mirror a share of the images left to right, and their boxes with them.

    Args:
        batch: Dict with `images` `[B, h, w, C]` and `boxes` `[B, G, 4]` in input pixels.
        probability: Share of the images that are mirrored.
        seed: int `[2]`.
    """
    images, boxes = batch["images"], batch["boxes"]
    chosen = tf.random.stateless_uniform([tf.shape(images)[0]], seed) < probability
    return {
        **batch,
        "images": tf.where(chosen[:, None, None, None], tf.reverse(images, [2]), images),
        "boxes": tf.where(chosen[:, None, None], mirror(boxes, images.shape[2]), boxes),
    }


def mirror(boxes, width):
    """Return boxes, `[..., 4]`, as they lie in an image of `width` seen in a mirror."""
    width = tf.cast(width, boxes.dtype)
    x1, y1, x2, y2 = tf.unstack(boxes, axis=-1)
    return tf.stack([width - x2, y1, width - x1, y2], axis=-1)
