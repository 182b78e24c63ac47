"""Appearance: the same things as other light, lenses and sensors would show them."""

import tensorflow as tf

from edgedet.data.blur import blur
from edgedet.data.cutout import cut_out, cutout_boxes
from edgedet.data.photometric import change_light
from edgedet.data.sensor import change_sensor
from edgedet.settings import Feeding


def change_appearance(feeding: Feeding, images, truth, seed, shown):
    """Return the images of a batch, changed; float32 `[B, h, w, bands]` in 0..1.

    Args:
        feeding: How.
        images: float32 `[B, h, w, bands]` in 0..255.
        truth: Dict of `boxes`, `labels` and `ignored`: the objects that must stay visible.
        seed: int `[2]`.
        shown: bool `[B, h, w, 1]`, see `edgedet.data.painting.shown`.
    """
    seeds = tf.unstack(tf.random.split(seed, 4), num=4)
    if feeding.blur:
        images = blur(feeding.blur, images, seeds[0])
    images = change_light(feeding.photometric, images, seeds[1])
    images = change_sensor(feeding.thermal, images, seeds[2], shown)
    return _without_a_part(feeding.cutout, images, truth, seeds[3]) if feeding.cutout else images


def _without_a_part(probability, images, truth, seed):
    asked = (truth["labels"] >= 0) & ~truth["ignored"]
    boxes = tf.where(asked[..., None], truth["boxes"], 0.0)
    draws = tf.random.stateless_uniform([tf.shape(images)[0], 5], seed)
    return cut_out(images, cutout_boxes(probability, boxes, images.shape[1:3], draws))
