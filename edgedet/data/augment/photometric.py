"""Changes of colour and light, on a whole batch at once; boxes stay where they are.

All colour changes of an image are one matrix and an offset, and XLA compiles the whole change to
one loop: on a CPU the pixels' way through memory is what such an augmentation costs.
"""

import functools

import numpy as np
import tensorflow as tf

from edgedet.data.augment.draws import Draws
from edgedet.settings import Photometric

# Luma of ITU-R BT.601.
GREY_WEIGHTS = (0.299, 0.587, 0.114)
WHITE = 255.0


def change_light(strength: Photometric, images, draws: Draws):
    """Return images, in 0..1, with other colours, light and noise.

    Args:
        strength: How strongly. Colours are changed only where there are three bands.
        images: float32 `[B, h, w, bands]` in 0..255.
        draws: Decides all that is random.
    """
    bands = images.shape[-1]
    colours, amount, start = draws.split(3)
    matrix, contrast = _colours(strength, bands, colours)
    # Contrast moves each pixel away from the mean grey of its image.
    grey = tf.reduce_sum(_mean(images) * _grey_weights(bands), axis=-1)[:, None, None]
    offset = (1 - contrast) * tf.reduce_sum(matrix * grey, axis=1) / WHITE
    noise = amount.uniform(high=strength.noise)
    # One field of noise for the batch, as strong as each image wants: a field of its own
    # for each would cost more than everything else here together.
    field = _field(images.shape[1:], start.seed)
    return _apply(images, matrix * contrast[..., None] / WHITE, offset, noise, field)


@tf.function(jit_compile=True)
def _apply(images, matrix, offset, noise, field):
    bands = range(images.shape[-1])
    changed = sum(images[..., band, None] * matrix[:, None, None, band] for band in bands)
    added = offset[:, None, None] + noise[:, None, None, None] * field
    return tf.clip_by_value(changed + added, 0.0, 1.0)


def _field(shape, seed):
    """Return normal noise, `[h, w, bands]`: from a random place of a table on."""
    count = shape.num_elements()
    start = tf.random.stateless_uniform([1], seed, 0, count, tf.int32)
    return tf.reshape(tf.slice(_table(2 * count), start, [count]), shape)


@functools.lru_cache(maxsize=4)
def _table(count):
    return np.random.default_rng(0).standard_normal(count, "float32")


def _mean(images):
    """Return the mean of each band, `[B, bands]`."""
    height, width, bands = images.shape[1:]
    # First down the rows, which are long: sums of three numbers each would take five times as long.
    rows = tf.reduce_mean(tf.reshape(images, [-1, height, width * bands]), axis=1)
    return tf.reduce_mean(tf.reshape(rows, [-1, width, bands]), axis=1)


def _grey_weights(bands):
    return tf.constant(GREY_WEIGHTS if bands == 3 else [1 / bands] * bands)


def _colours(strength, bands, draws):
    """Return matrices `[B, bands, bands]` (from, to) and contrasts `[B, 1]`."""
    saturation, coloured, tint, brightness, contrast = draws.split(5)
    kept = 1.0
    if bands == 3:
        kept = _factors(saturation, strength.saturation, 1, 1)
        kept = tf.where(coloured.uniform(1, 1) >= strength.grey, kept, 0.0)
    to_grey = tf.repeat(_grey_weights(bands)[:, None], bands, axis=1)
    matrix = kept * tf.eye(bands) + (1 - kept) * to_grey
    balance = _factors(tint, strength.tint if bands > 1 else 0.0, 1, bands)
    light = _factors(brightness, strength.brightness, 1, 1)
    return matrix * balance * light, _factors(contrast, strength.contrast, 1)


def _factors(draws, strength, *shape):
    return draws.uniform(*shape, low=1 - strength, high=1 + strength)
