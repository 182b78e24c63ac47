"""Padding: a batch without any object still has one, empty, to look up."""

from edgedet.geometry.arrays import namespace_of


def with_padding(boxes, labels, ignored):
    """Return the ground truth with one more entry, label -1, that is no object.

    Reductions over the objects need at least one.

    Args:
        boxes: `[..., G, 4]`.
        labels: int `[..., G]`.
        ignored: bool `[..., G]`.
    """
    xp = namespace_of(boxes, labels, ignored)
    before = [(0, 0)] * (len(labels.shape) - 1)
    real = xp.pad(xp.ones_like(labels), [*before, (0, 1)])
    labels = xp.where(real > 0, xp.pad(labels, [*before, (0, 1)]), -1)
    regions = xp.pad(xp.where(ignored, 1, 0), [*before, (0, 1)]) > 0
    return xp.pad(boxes, [*before, (0, 1), (0, 0)]), labels, regions
