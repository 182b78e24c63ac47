"""Distribution focal loss: a distance is said as a distribution over whole numbers.

Li et al. 2020, Generalized Focal Loss, https://arxiv.org/abs/2006.04388
"""

from keras import ops


def distribution_focal_loss(logits, targets):
    """Return the cross entropy with the two whole numbers beside each target, `[...]`.

    Args:
        logits: `[..., K]`, one per whole number 0..K-1.
        targets: `[...]` distances; those outside [0, K - 1] are moved to the nearest end.
    """
    last = logits.shape[-1] - 1
    targets = ops.clip(targets, 0.0, float(last))
    below = ops.clip(ops.floor(targets), 0.0, float(last - 1))
    share_above = targets - below
    lower = ops.cast(below, "int32")
    log_likelihood = ops.log_softmax(logits, axis=-1)
    at_lower = _pick(log_likelihood, lower)
    at_upper = _pick(log_likelihood, lower + 1)
    return -(1.0 - share_above) * at_lower - share_above * at_upper


def _pick(array, index):
    return ops.take_along_axis(array, index[..., None], axis=-1)[..., 0]
