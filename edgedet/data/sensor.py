"""What sensors of heat do to their images, on a whole batch at once; boxes stay where they are."""

import tensorflow as tf

from edgedet.settings import Thermal


def change_sensor(strength: Thermal, images, seed, shown=True):
    """Return images, float32 `[B, h, w, bands]` in 0..1, as other sensors would give them.

    Args:
        strength: How strongly.
        images: float32 `[B, h, w, bands]` in 0..1.
        seed: int `[2]`.
        shown: bool `[B, h, w, 1]`, the pixels that a sensor has seen; the others are padding,
            which the device adds behind any sensor.
    """
    if strength == Thermal():
        return images
    padded = images
    seeds = tf.unstack(tf.random.split(seed, 4), num=4)
    # A change that is switched off costs nothing: it is no part of the graph.
    if strength.invert:
        images = invert(strength.invert, images, seeds[0])
    if strength.drift:
        images = drift(strength.drift, images, seeds[1])
    if strength.stripes:
        images = stripes(strength.stripes, images, seeds[2])
    if strength.dead:
        images = dead_pixels(strength.dead, images, seeds[3])
    return tf.where(shown, tf.clip_by_value(images, 0.0, 1.0), padded)


def invert(probability, images, seed):
    """Return images, a share of them with dark and bright exchanged."""
    chosen = _uniform([tf.shape(images)[0], 1, 1, 1], seed) < probability
    return tf.where(chosen, 1.0 - images, images)


def drift(largest, images, seed):
    """Return images whose gain and offset change from corner to corner, as a sensor warms up."""
    seeds = tf.unstack(tf.random.split(seed, 2), num=2)
    gain, offset = (_between_corners(images, largest, seed) for seed in seeds)
    return images * (1.0 + gain) + offset


def stripes(largest, images, seed):
    """Return images whose rows and columns have offsets of their own, as sensors read in lines."""
    count, height, width, _ = tf.unstack(tf.shape(images))
    seeds = tf.unstack(tf.random.split(seed, 3), num=3)
    strength = largest * _uniform([2, count, 1, 1, 1], seeds[0])
    rows = tf.random.stateless_normal([count, height, 1, 1], seeds[1])
    columns = tf.random.stateless_normal([count, 1, width, 1], seeds[2])
    return images + strength[0] * rows + strength[1] * columns


def dead_pixels(largest, images, seed):
    """Return images with pixels that are always black or always white."""
    seeds = tf.unstack(tf.random.split(seed, 2), num=2)
    share = largest * _uniform([tf.shape(images)[0], 1, 1, 1], seeds[0])
    draws = _uniform(tf.shape(images[..., :1]), seeds[1])
    images = tf.where(draws < share / 2, 0.0, images)
    return tf.where(draws > 1.0 - share / 2, 1.0, images)


def _between_corners(images, largest, seed):
    """Return values that change evenly between random ones at the corners, `[B, h, w, 1]`."""
    count, (height, width) = tf.shape(images)[0], images.shape[1:3]
    corners = tf.random.stateless_uniform([count, 2, 2], seed, -largest, largest)
    down, across = (tf.stack([1 - way, way]) for way in (_way(height), _way(width)))
    return tf.einsum("brc,rh,cw->bhw", corners, down, across)[..., None]


def _way(side):
    """Return how far each pixel is from the first border to the last, of 1."""
    return (tf.range(side, dtype=tf.float32) + 0.5) / side


def _uniform(shape, seed):
    return tf.random.stateless_uniform(shape, seed)
