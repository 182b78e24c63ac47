"""Smooth L1: squared near zero, linear far away.

Girshick 2015, Fast R-CNN, https://arxiv.org/abs/1504.08083
"""

from keras import ops


def smooth_l1_loss(predictions, targets, beta=1.0):
    """Return the smooth L1 distance of each element, `[...]`.

    Args:
        predictions: `[...]`.
        targets: `[...]`.
        beta: Distance, above 0, at which the square becomes a line; larger forgives small errors
            more.
    """
    distance = ops.abs(predictions - targets)
    return ops.where(distance < beta, 0.5 * distance**2 / beta, distance - 0.5 * beta)
