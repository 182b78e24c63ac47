"""FCOS assignment: a point answers for the smallest box around it that fits its level.

Tian et al. 2019, https://arxiv.org/abs/1904.01355
"""

from __future__ import annotations

import numpy as np

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry import ltrb
from edgedet.geometry.arrays import namespace_of
from edgedet.geometry.centerness import centerness
from edgedet.geometry.points import level_points
from edgedet.targets.padding import with_padding


def assign_fcos(boxes, labels, feature_sizes, strides, size_ranges, ignored=None) -> list[dict]:
    """Return, per level, what each of its points should answer.

    A point is positive for a box when it lies inside or on the border and the largest of its
    four distances is in the level's range, both ends included. The smallest box wins, of equal
    ones the first.

    Args:
        boxes: `[G, 4]` or `[B, G, 4]` xyxy in pixels; NumPy or tensor.
        labels: int `[G]` or `[B, G]`; -1 is padding.
        feature_sizes: Per level (height, width) in cells.
        strides: Per level, pixels per cell.
        size_ranges: Per level (smallest, largest) distance in pixels.
        ignored: bool like `labels`: regions to ignore, which are no objects; `None` for none.

    Returns:
        Per level a dict of `labels` (-1 background), `ltrb` in pixels (zeros at background),
        `centerness` and `ignored` (inside an ignore region and not positive), each
        `[H*W, ...]` or `[B, H*W, ...]`.
    """
    xp = namespace_of(boxes, labels)
    if ignored is None:
        ignored = xp.zeros_like(labels) > 0
    boxes, labels, ignored = with_padding(boxes, labels, ignored)
    return [
        _assign_level(xp, boxes, labels, ignored, level_points(size, stride), bounds)
        for size, stride, bounds in zip(feature_sizes, strides, size_ranges, strict=True)
    ]


def _assign_level(xp, boxes, labels, ignored, points, bounds):
    one = np.ones(len(points), "float32")[:, None]
    # [..., P, G, 4]: every point's distances to every box, in pixels.
    distances = ltrb.encode(boxes[..., None, :, :], points[:, None, :], one)
    inside = xp.min(distances, axis=-1) >= 0
    reach = xp.max(distances, axis=-1)
    in_range = xp.logical_and(reach >= bounds[0], reach <= bounds[1])
    real = (labels >= 0)[..., None, :]
    region = xp.logical_and(inside, xp.logical_and(real, ignored[..., None, :]))
    candidate = xp.logical_and(
        xp.logical_and(inside, in_range),
        xp.logical_and(real, xp.logical_not(ignored)[..., None, :]),
    )
    area = xp.where(candidate, box_geometry.area(boxes)[..., None, :], np.float32("inf"))
    best = xp.argmin(area, axis=-1)  # The first of equal ones.
    positive = xp.any(candidate, axis=-1)
    chosen = xp.take_along_axis(distances, best[..., None, None], axis=-2)[..., 0, :]
    chosen = xp.where(positive[..., None], chosen, xp.zeros_like(chosen))
    wide_labels = xp.broadcast_to(labels[..., None, :], xp.shape(area))
    label = xp.take_along_axis(wide_labels, best[..., None], axis=-1)[..., 0]
    return {
        "labels": xp.where(positive, label, -1),
        "ltrb": chosen,
        "centerness": centerness(chosen),
        "ignored": xp.logical_and(xp.any(region, axis=-1), xp.logical_not(positive)),
    }
