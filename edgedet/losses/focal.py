"""Focal losses: a confident right answer costs next to nothing.

So the few objects of an image are heard over its thousands of background points.

focal: Lin et al. 2017, https://arxiv.org/abs/1708.02002
quality focal: Li et al. 2020, Generalized Focal Loss, https://arxiv.org/abs/2006.04388
varifocal: Zhang et al. 2021, VarifocalNet, https://arxiv.org/abs/2008.13367
"""

from keras import ops

from edgedet.losses.binary import bce_with_logits_loss


def focal_loss(logits, targets, alpha=0.25, gamma=2.0):
    """Return the focal loss of each logit; the caller sums and normalizes.

    Args:
        logits: `[..., C]` scores before the sigmoid.
        targets: `[..., C]` in [0, 1]; 1 where the class is present.
        alpha: Weight of present classes; absent ones weigh `1 - alpha`.
        gamma: How fast the cost of an easy example falls; 0 gives cross entropy.
    """
    scores = ops.sigmoid(logits)
    surprise = targets * (1 - scores) + (1 - targets) * scores
    weights = targets * alpha + (1 - targets) * (1 - alpha)
    return weights * _power(surprise, gamma) * bce_with_logits_loss(logits, targets)


def quality_focal_loss(logits, targets, beta=2.0):
    """Return the quality focal loss of each logit.

    The target of an object is how well its box fits, so a score ranks boxes by quality.

    Args:
        logits: `[..., C]` scores before the sigmoid.
        targets: `[..., C]` in [0, 1]; the box's IoU at the object's class, else 0.
        beta: How fast the cost falls near the target.
    """
    distance = ops.abs(targets - ops.sigmoid(logits))
    return _power(distance, beta) * bce_with_logits_loss(logits, targets)


def varifocal_loss(logits, targets, alpha=0.75, gamma=2.0):
    """Return the varifocal loss of each logit.

    Background is weighed down as in focal loss, objects are not; good boxes weigh most.

    Args:
        logits: `[..., C]` scores before the sigmoid.
        targets: `[..., C]` in [0, 1]; the box's IoU at the object's class, else 0.
        alpha: Weight of background.
        gamma: How fast the cost of easy background falls.
    """
    background = alpha * _power(ops.sigmoid(logits), gamma)
    weights = ops.where(targets > 0, targets, background)
    return weights * bce_with_logits_loss(logits, targets)


def _power(base, exponent):
    # At 0 the slope of a power below 1 is infinite and that of the power 0 is no number.
    return ops.maximum(base, 1e-12) ** exponent
