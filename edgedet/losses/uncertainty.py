"""Uncertainty: how far each side of a box may be off.

Kendall and Gal 2017, https://arxiv.org/abs/1703.04977
"""

from keras import ops

from edgedet.geometry import ltrb
from edgedet.losses.gaussian import gaussian_nll_loss

# Limits of the logarithm of the variance, which is in squared strides: standard deviations of
# a twelfth of a stride, below the noise of annotations, to twelve strides.
LIMIT = 5.0


def uncertainty_loss(log_variance, box_ltrb, targets, fit):
    """Return the Gaussian negative log likelihood of the four sides, their mean, `[B, P]`.

    The likelihood trains the variance only. A variance that is fitted together with the mean
    divides the mean's gradient, so points with large errors stop learning (Seitzer et al. 2022,
    https://arxiv.org/abs/2203.09168); the boxes have a loss of their own.

    Each point is weighed by how well its box fits: only boxes that fit become detections, and
    the squared error of one that does not would drown all else.

    Args:
        log_variance: `[B, P, 4]` of the distances in strides.
        box_ltrb: `[B, P, 4]` predicted distances in strides; they get no gradient.
        targets: `Targets`.
        fit: `[B, P]` IoU of the predicted box with the object's.
    """
    wanted = ltrb.encode(targets.boxes, targets.points, targets.strides)
    mean = ops.stop_gradient(box_ltrb)
    return fit * ops.mean(gaussian_nll_loss(mean, _limited(log_variance), wanted), axis=-1)


def _limited(log_variance):
    # The slope goes through, so that what is out of the limits finds its way back.
    limited = ops.clip(log_variance, -LIMIT, LIMIT)
    return log_variance + ops.stop_gradient(limited - log_variance)
