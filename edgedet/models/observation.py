"""What a gate observes of frames, for whole batches: the Keras twins of `runtime.sparse`."""

from __future__ import annotations

import numpy as np
from keras import ops

from edgedet.runtime.sparse.contrast import DARK, ENOUGH, EVERY, TELLING, WHITE
from edgedet.runtime.sparse.predictor import PATCH


def light_of(brightness, reference, before):
    """Return how much brighter each of `[B, h, w]` is than its reference, `[B, 1, 1]`.

    Args:
        brightness: `[B, h, w]`, grey levels.
        reference: Likewise.
        before: `[B, 1, 1]`, for where nothing tells.
    """
    new, old = (
        ops.reshape(samples[:, ::EVERY, ::EVERY], (samples.shape[0], -1))
        for samples in (brightness, reference)
    )
    low, high = TELLING
    telling = (new > low) & (new < high) & (old > low) & (old < high)
    # Those that tell nothing stand behind all others.
    ratios = ops.sort(ops.where(telling, new / ops.maximum(old, 1.0), np.inf), axis=1)
    count = ops.sum(ops.cast(telling, "int32"), axis=1, keepdims=True)
    middle = ops.minimum(count // 2, ratios.shape[1] - 1)
    found = ops.take_along_axis(ratios, middle, axis=1)
    return ops.where(count >= ENOUGH, found, before[:, 0])[..., None]


def contrast(brightness, reference, light):
    """Return the change of the logarithm of brightness that is not the light's, `[B, h, w]`."""
    change = ops.log(brightness + DARK) - ops.log(ops.minimum(light * reference, WHITE) + DARK)
    return ops.where((reference > TELLING[1]) & (change > 0), 0.0, change)


def patches(samples):
    """Return samples `[B, h, w]`, of sides that are multiples of 4, as `[B, h / 4, w / 4, 16]`."""
    batch, height, width = samples.shape
    rows, columns = height // PATCH, width // PATCH
    blocks = ops.reshape(samples, (batch, rows, PATCH, columns, PATCH))
    return ops.reshape(ops.transpose(blocks, (0, 1, 3, 2, 4)), (batch, rows, columns, PATCH**2))
