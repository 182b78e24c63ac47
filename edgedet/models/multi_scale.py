"""Multi-scale input: a network sees its batches at another size from step to step.

Redmon and Farhadi 2017, YOLO9000, https://arxiv.org/abs/1612.08242, section 2; here by scaling
whole batches, as Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430, do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import tensorflow as tf

Size = tuple[int, int]
# Stride of the coarsest features of our networks.
COARSEST = 32
# So that the sizes do not follow what else is drawn by the step.
SEED = 7


def sizes_around(input_size: Size, share: float) -> tuple[Size, ...]:
    """Return the other (height, width) that a network may see, up to a share off its own.

    Args:
        input_size: Its own; where it is no multiple of `COARSEST`, there are no others.
        share: 0 to 1.
    """
    if any(side % COARSEST for side in input_size):
        return ()
    # The same factor on both sides: objects keep their shape.
    height, width = (side // COARSEST for side in input_size)
    common = math.gcd(height, width)
    reach = math.floor(share * common + 1e-9)
    counts = [common + off for off in range(-reach, reach + 1) if off and common + off > 0]
    unit = height // common * COARSEST, width // common * COARSEST
    return tuple((unit[0] * count, unit[1] * count) for count in counts)


def resized(batch: dict, size: Size) -> dict:
    """Return a batch whose images `[B, h, w, bands]` have another size, with its boxes."""
    images = batch["images"]
    height, width = images.shape[1:3]
    scale = tf.constant([size[1] / width, size[0] / height] * 2, "float32")
    return {**batch, "images": tf.image.resize(images, size), "boxes": batch["boxes"] * scale}


def at_random_size(step, sizes: Sequence[Size], compute: Callable[[Size], tuple]):
    """Return what is computed at one of the sizes, which the step alone decides.

    Args:
        step: Number of the training step, an integer tensor.
        sizes: (height, width).
        compute: Gives the same tensors for each of them.
    """
    seed = tf.stack([SEED, tf.cast(step, "int32")])
    place = tf.random.stateless_uniform((), seed, maxval=len(sizes), dtype="int32")
    return tf.switch_case(place, [lambda size=size: compute(size) for size in sizes])
