"""How well a box sits, said by an output of its own that multiplies the score.

Centerness: Tian et al. 2019, FCOS, https://arxiv.org/abs/1904.01355
IoU: Wu et al. 2020, IoU-aware single-stage detector, https://arxiv.org/abs/1912.05992
"""

from keras import ops

from edgedet.geometry import ltrb
from edgedet.geometry.centerness import centerness
from edgedet.losses.binary import bce_with_logits_loss


def iou_quality_loss(logits, fit):
    """Return the cross entropy of the said quality with the IoU of the said box, `[B, P]`.

    Args:
        logits: `[B, P, 1]` quality before the sigmoid.
        fit: `[B, P]` IoU of the predicted box with the object's.
    """
    return bce_with_logits_loss(logits[..., 0], fit)


def centerness_loss(logits, targets):
    """Return the cross entropy of the said centerness with that of the point, `[B, P]`.

    Args:
        logits: `[B, P, 1]` centerness before the sigmoid.
        targets: `Targets`. A point outside of its box, which a box between the points has,
            costs nothing: told that its centerness is 0, it would never find its object.
    """
    wanted = centerness(ltrb.encode(targets.boxes, targets.points, targets.strides))
    cost = bce_with_logits_loss(logits[..., 0], wanted)
    return ops.where(wanted > 0, cost, 0.0)
