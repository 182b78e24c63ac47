"""Changes of colour and light, on a whole batch at once; boxes stay where they are.

All colour changes of an image are one 3x3 matrix and an offset, so a batch is read and written
once: on a CPU the pixels' way through memory is what such an augmentation costs.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf

# Luma of ITU-R BT.601.
GREY_WEIGHTS = (0.299, 0.587, 0.114)


@dataclasses.dataclass(frozen=True)
class Photometric:
    """How strongly colours and light are changed; 0 switches a change off.

    Attributes:
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast, around the mean of the image.
        saturation: Largest relative change of colourfulness.
        tint: Largest relative change of one channel against the others.
        grey: Share of images that lose their colours, as night cameras' and old photographs.
        noise: Largest standard deviation of sensor noise, of 1.
    """

    brightness: float = 0.25
    contrast: float = 0.35
    saturation: float = 0.4
    tint: float = 0.08
    grey: float = 0.1
    noise: float = 0.03

    def __call__(self, images, seed):
        """Return changed images.

        Args:
            images: float32 `[B, h, w, 3]` in 0..1.
            seed: int `[2]`; the same seed changes the same images in the same way.
        """
        seeds = tf.unstack(tf.random.split(seed, 3), num=3)
        count = tf.shape(images)[0]
        matrix, contrast = self._colours(count, seeds[0])
        mean = tf.reduce_mean(images, axis=(1, 2))
        # Contrast moves each pixel away from the mean grey of its image.
        grey = tf.reduce_sum(mean * GREY_WEIGHTS, axis=-1, keepdims=True)
        offset = tf.linalg.matvec(matrix, tf.repeat(grey, 3, axis=-1), transpose_a=True)
        changed = tf.einsum("bhwc,bcd->bhwd", images, matrix * contrast[:, None])
        changed += (offset * (1 - contrast))[:, None, None]
        return tf.clip_by_value(changed + self._noise(images, count, seeds[1:]), 0.0, 1.0)

    def _colours(self, count, seed):
        """Return matrices `[B, 3, 3]` (from, to) and contrasts `[B, 1]`."""
        seeds = tf.unstack(tf.random.split(seed, 5), num=5)
        kept = _factors([count, 1, 1], seeds[0], self.saturation)
        coloured = tf.random.stateless_uniform([count, 1, 1], seeds[1]) >= self.grey
        kept = tf.where(coloured, kept, 0.0)
        to_grey = tf.repeat(tf.constant(GREY_WEIGHTS)[:, None], 3, axis=1)
        matrix = kept * tf.eye(3) + (1 - kept) * to_grey
        balance = _factors([count, 1, 3], seeds[2], self.tint)
        light = _factors([count, 1, 1], seeds[3], self.brightness)
        return matrix * balance * light, _factors([count, 1], seeds[4], self.contrast)

    def _noise(self, images, count, seeds):
        # One field of noise for the batch, as strong as each image wants: a field of its own
        # for each would cost more than everything else here together.
        strength = tf.random.stateless_uniform([count, 1, 1, 1], seeds[0], 0.0, self.noise)
        return strength * tf.random.stateless_normal(tf.shape(images)[1:], seeds[1])


def _factors(shape, seed, strength):
    return tf.random.stateless_uniform(shape, seed, 1 - strength, 1 + strength)
