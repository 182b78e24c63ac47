"""Appearance: the same things as other light, lenses and sensors would show them."""

import tensorflow as tf

from edgedet.data.augment.blur import blur
from edgedet.data.augment.cutout import cut_out, cutout_boxes
from edgedet.data.augment.draws import Draws
from edgedet.data.augment.photometric import change_light
from edgedet.data.augment.thermal import change_thermal
from edgedet.settings import Feeding


def change_appearance(feeding: Feeding, images, truth, draws: Draws, shown):
    """Return the images of a batch, changed; float32 `[B, h, w, bands]` in 0..1.

    Args:
        feeding: How.
        images: float32 `[B, h, w, bands]` in 0..255.
        truth: Dict of `boxes`, `labels` and `ignored`: the objects that must stay visible.
        draws: Decides all that is random.
        shown: bool `[B, h, w, 1]`, see `edgedet.data.augment.painting.shown`.
    """
    light, lens, sensor, part = draws.split(4)
    if feeding.blur:
        images = blur(feeding.blur, images, lens)
    images = change_light(feeding.photometric, images, light)
    images = change_thermal(feeding.thermal, images, sensor, shown)
    return _without_a_part(feeding.cutout, images, truth, part) if feeding.cutout else images


def _without_a_part(probability, images, truth, draws):
    asked = (truth["labels"] >= 0) & ~truth["ignored"]
    boxes = tf.where(asked[..., None], truth["boxes"], 0.0)
    holes = cutout_boxes(probability, boxes, images.shape[1:3], draws.uniform(5))
    return cut_out(images, holes)
