"""Objectness: is there anything at all?

Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430
"""

from keras import ops

from edgedet.losses.binary import bce_with_logits_loss


def objectness_loss(logits, class_logits, targets):
    """Return the cross entropy with 1 at positive points and 0 elsewhere, `[B, P]`.

    The score of a class is objectness times the class, and only objects tell classes apart. So
    where an image's annotators did not look for some class, a negative point may be an object
    of it. There 0 is asked the less the more the network holds the point for one: the cost is
    weighed by 1 less the highest score among the classes that are not known. To ask only where
    all classes are known would be stricter, but among sets of which none labels all classes
    nothing would then be asked of any background.

    Args:
        logits: `[B, P, 1]` objectness before the sigmoid.
        class_logits: `[B, P, C]`; they get no gradient.
        targets: `Targets`; ignored points cost nothing.
    """
    positive = ops.cast(targets.positive, "float32")
    scores = ops.stop_gradient(ops.sigmoid(class_logits))
    other = ops.max(ops.where(targets.known[:, None, :], 0.0, scores), axis=-1)
    background = ops.where(targets.ignored, 0.0, 1.0 - other)
    weight = ops.where(targets.positive, 1.0, background)
    return weight * bce_with_logits_loss(logits[..., 0], positive)
