"""Blur: out of focus, each image as much as it happens; boxes stay where they are."""

import tensorflow as tf

from edgedet.data.augment.draws import Draws

# Pixels on either side that a kernel looks at: 1.5 standard deviations of the widest.
REACH = 3


def blur(largest, images, draws: Draws):
    """Return images, each blurred by a Gaussian of random width.

    Args:
        largest: Largest standard deviation in pixels.
        images: float32 `[B, h, w, bands]`.
        draws: Decides how wide.
    """
    deviation = draws.uniform(1, high=largest)
    distance = tf.range(-REACH, REACH + 1, dtype=tf.float32)
    weights = tf.exp(-0.5 * (distance / tf.maximum(deviation, 1e-3)) ** 2)
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    return _along(_along(images, weights, 1), weights, 2)


def _along(images, weights, axis):
    """Return images filtered along one axis; the border is repeated beyond itself."""
    borders = [[REACH, REACH] if each == axis else [0, 0] for each in range(4)]
    side = images.shape[axis]
    # "SYMMETRIC" mirrors the border, its own pixels first: as good as repeating it.
    wide = tf.pad(images, borders, "SYMMETRIC")
    parts = [
        weights[:, i, None, None, None] * tf.gather(wide, tf.range(i, i + side), axis=axis)
        for i in range(2 * REACH + 1)
    ]
    return tf.add_n(parts)
