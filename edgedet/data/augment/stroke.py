"""Strokes: images resampled into their place, with as few operations for each as can be.

All that can be known beforehand is computed for the whole batch.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from edgedet.data.augment.placement import Placement
from edgedet.geometry.letterbox import PADDING


class Stroke(NamedTuple):
    """How an image is drawn; tensors `[B, ...]`, or of one sample.

    Attributes:
        index: int64 `[B]`, the record.
        halvings: int32 `[B]`, how often its image is halved.
        part: int32 `[B, 4]`, (top, left, height, width) in the halved image of what is shown.
        size: int32 `[B, 2]`, (height, width) that it is resampled to.
        borders: int32 `[B, 3, 2]`, what is empty before and after it, along each axis.
        bordered: bool `[B]`: any is.
    """

    index: tf.Tensor
    halvings: tf.Tensor
    part: tf.Tensor
    size: tf.Tensor
    borders: tf.Tensor
    bordered: tf.Tensor


def stroke(index, placement: Placement, input_size) -> Stroke:
    """Return how images are drawn that are placed so.

    Args:
        index: int64 `[B]`, the records.
        placement: `[B, ...]`.
        input_size: (height, width).
    """
    halvings, first, last, start, end = placement
    borders = tf.stack([start, tf.constant(input_size) - end], axis=-1)
    bands = tf.zeros_like(borders[:, :1])
    return Stroke(
        index,
        halvings,
        tf.concat([first, last - first], axis=-1),
        end - start,
        tf.concat([borders, bands], axis=1),
        tf.reduce_any(borders > 0, axis=(1, 2)),
    )


def draw(pixels, one: Stroke, input_size, bands):
    """Return what the input shows, float32 `[h, w, bands]` of 0..255; grey where nothing is.

    The filter is bilinear over the nearest pixels only. The device's looks at more of them;
    photographs then differ by 1 to 2 grey levels of 255 on average.

    Args:
        pixels: Gives parts of images, see `edgedet.data.source.pixels`.
        one: Of one sample.
        input_size: (height, width) of the result.
        bands: Of the pixels.
    """
    part = pixels(one.index, one.halvings, one.part)
    shown = tf.raw_ops.ResizeBilinear(images=part[None], size=one.size, half_pixel_centers=True)[0]
    shown = tf.cond(
        one.bordered,
        lambda: tf.pad(shown, one.borders, constant_values=float(PADDING)),
        lambda: shown,
    )
    return tf.ensure_shape(shown, [*input_size, bands])
