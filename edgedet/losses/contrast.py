"""Contrast: which of all classes is it, where something is.

Losses with a sigmoid for each class ask of every point whether it is a dog, and of most it is not;
that a dog is no person they say in passing. Where nearly all objects are people, a network then
learns for long to find objects before it tells them apart. A cross entropy between the classes, as
in Fast R-CNN (Girshick 2015, https://arxiv.org/abs/1504.08083), asks for that alone.
"""

from keras import ops


def contrast_loss(logits, named):
    """Return the cross entropy of the softmax over the classes, at the right class.

    It changes by no number that is added to all logits of a point: how sure the network is that
    there is anything is left to the other loss.

    Args:
        logits: `[..., C]` scores before the sigmoid.
        named: `[..., C]`: how much the point counts, usually 1, at the class of its object; all 0
            at background.

    Returns:
        `[..., C]`, 0 but at the class of the point's object.
    """
    return -named * ops.log_softmax(logits, axis=-1)
