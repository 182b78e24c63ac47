"""What an object memory learns from: where its tracks were, and which detections were theirs."""

from __future__ import annotations

import numpy as np
from keras import ops

from edgedet.runtime.tracking import memory as device

# How much surer the nearest look must be than others; usual for unit vectors.
TEMPERATURE = 0.1
# Frames ahead that a prediction is judged at; each counts the same.
HORIZONS = (0, 1, 2, 3, 5, 10, 20)
# Standard deviations beyond which an error counts in proportion, not squared.
FAR = 5.0


def box_loss(terms, tracks):
    """Return the mean negative log-likelihood of the true boxes, now and ahead.

    Gaussian, as in Kendall and Gal 2017, https://arxiv.org/abs/1703.04977, where the filter's own
    variance is what the network changes.

    Args:
        terms: float32 `[M, T, TERMS, 8]`.
        tracks: `error` float32 `[M, T, K, 4]`, truth less the filter's prediction for each of
            `HORIZONS`, in sizes; `variance` likewise, the filter's; `known` bool `[M, T, K]`.
    """
    weights = ops.convert_to_tensor(device.horizon(np.array(HORIZONS)))
    change = ops.einsum("mtjc,kj->mtkc", terms, weights)
    widening = ops.clip(change[..., 4:], -device.LARGEST_CHANGE, device.LARGEST_CHANGE)
    log_variance = ops.log(tracks["variance"]) + widening
    left = ops.square(tracks["error"] - change[..., :4])
    # A far outlier, such as a cut that nobody saw, must not drown the others.
    ratio = left * ops.exp(-log_variance)
    line = 2 * FAR * ops.sqrt(ops.maximum(ratio, 1.0)) - FAR**2
    likelihood = ops.where(ratio < FAR**2, ratio, line)
    loss = 0.5 * (likelihood + log_variance)
    known = ops.cast(tracks["known"], "float32")
    return ops.sum(ops.mean(loss, axis=-1) * known) / ops.maximum(ops.sum(known), 1.0)


def identity_loss(expected, looks, seen):
    """Return how badly tracks tell their next detection from those of all others.

    Cross-entropy over similarities: van den Oord et al. 2018, https://arxiv.org/abs/1807.03748.

    Args:
        expected: float32 `[M, T, e]`, what each track should look like, of length 1.
        looks: float32 `[M, T, e]`, what each detection looks like.
        seen: bool `[M, T]`.
    """
    similar = ops.einsum("mte,nte->tmn", expected[:, :-1], looks[:, 1:]) / TEMPERATURE
    there = ops.transpose(seen[:, 1:])
    similar = ops.where(there[:, None], similar, -1e4)
    before = ops.transpose(ops.cumsum(ops.cast(seen, "int32"), axis=1)[:, :-1] > 0)
    own = ops.diagonal(ops.log_softmax(similar, axis=-1), axis1=1, axis2=2)
    counted = ops.cast(there & before, "float32")
    return -ops.sum(own * counted) / ops.maximum(ops.sum(counted), 1.0)
