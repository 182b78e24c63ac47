"""Changes of colour and light, on a whole batch at once; boxes stay where they are.

All colour changes of an image are one 3x3 matrix and an offset, so a batch is read and written
once: on a CPU the pixels' way through memory is what such an augmentation costs.
"""

import tensorflow as tf

from edgedet.settings import Photometric

# Luma of ITU-R BT.601.
GREY_WEIGHTS = (0.299, 0.587, 0.114)


def change_light(strength: Photometric, images, seed):
    """Return images with other colours, light and noise.

    Args:
        strength: How strongly.
        images: float32 `[B, h, w, 3]` in 0..1.
        seed: int `[2]`; the same seed changes the same images in the same way.
    """
    seeds = tf.unstack(tf.random.split(seed, 3), num=3)
    count = tf.shape(images)[0]
    matrix, contrast = _colours(strength, count, seeds[0])
    mean = tf.reduce_mean(images, axis=(1, 2))
    # Contrast moves each pixel away from the mean grey of its image.
    grey = tf.reduce_sum(mean * GREY_WEIGHTS, axis=-1, keepdims=True)
    offset = tf.linalg.matvec(matrix, tf.repeat(grey, 3, axis=-1), transpose_a=True)
    changed = tf.einsum("bhwc,bcd->bhwd", images, matrix * contrast[:, None])
    changed += (offset * (1 - contrast))[:, None, None]
    return tf.clip_by_value(changed + _noise(strength.noise, images, seeds[1:]), 0.0, 1.0)


def _colours(strength, count, seed):
    """Return matrices `[B, 3, 3]` (from, to) and contrasts `[B, 1]`."""
    seeds = tf.unstack(tf.random.split(seed, 5), num=5)
    kept = _factors([count, 1, 1], seeds[0], strength.saturation)
    coloured = tf.random.stateless_uniform([count, 1, 1], seeds[1]) >= strength.grey
    kept = tf.where(coloured, kept, 0.0)
    to_grey = tf.repeat(tf.constant(GREY_WEIGHTS)[:, None], 3, axis=1)
    matrix = kept * tf.eye(3) + (1 - kept) * to_grey
    balance = _factors([count, 1, 3], seeds[2], strength.tint)
    light = _factors([count, 1, 1], seeds[3], strength.brightness)
    return matrix * balance * light, _factors([count, 1], seeds[4], strength.contrast)


def _noise(largest, images, seeds):
    # One field of noise for the batch, as strong as each image wants: a field of its own
    # for each would cost more than everything else here together.
    shape = tf.shape(images)
    strength = tf.random.stateless_uniform([shape[0], 1, 1, 1], seeds[0], 0.0, largest)
    return strength * tf.random.stateless_normal(shape[1:], seeds[1])


def _factors(shape, seed, strength):
    return tf.random.stateless_uniform(shape, seed, 1 - strength, 1 + strength)
