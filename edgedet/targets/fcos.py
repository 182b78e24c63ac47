"""FCOS assignment: a point answers for the smallest box around it that fits its level.

Tian et al. 2019, https://arxiv.org/abs/1904.01355
Centre sampling: Tian et al. 2020, https://arxiv.org/abs/2006.09214
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry import ltrb
from edgedet.geometry.arrays import namespace_of
from edgedet.geometry.centerness import centerness
from edgedet.geometry.points import level_axes, level_points
from edgedet.targets.assigner import Assigner
from edgedet.targets.gather import pick
from edgedet.targets.padding import with_padding
from edgedet.targets.window import widened

# The largest distance that a level answers for, in its strides, as in the paper.
REACH = 8.0


class FcosAssigner(Assigner):
    """Gives a point the smallest box around it whose distances suit the point's level.

    Other than in `assign_fcos` a box counts as at least one cell wide and high on each level, so
    that a box between the points of its level is learned by the nearest.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level.
        size_ranges: Per level (smallest, largest) of a point's distances to the four sides in
            pixels, of which the largest counts; both ends included. The points of a box of 100
            pixels have 50 to 100. By default those of `reach_ranges`.
        radius: Points up to so many strides from the centre, along x and along y, may be
            positive (centre sampling, 1.5 in the paper); by default all inside the box.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        strides: Sequence[int],
        size_ranges: Sequence[tuple[float, float]] = (),
        radius: float = float("inf"),
    ):
        super().__init__(input_size, strides)
        self.size_ranges = tuple(size_ranges) or reach_ranges(self.strides)
        # Half a stride at least, so that some point is near.
        self.radius = max(radius, 0.5)

    def assign(self, truth, raw=None):
        # Smallest first, so that the first object that wants a point is the right one.
        order = ops.cast(ops.argsort(box_geometry.area(truth.boxes), axis=-1), "int32")
        boxes, real = pick(truth.boxes, order), pick(truth.real, order)
        levels = zip(self.strides, self.size_ranges, strict=True)
        first = ops.concatenate([self._first(boxes, real, *level) for level in levels], axis=-1)
        return ops.where(first >= 0, pick(order, ops.maximum(first, 0)), -1), None

    def _first(self, boxes, real, stride, bounds):
        """Return the first object that wants each point of a level, int32 `[B, H*W]`, or -1."""
        suited = _suited(boxes, self._around(boxes, stride), self.axes(stride), bounds)
        count = ops.shape(boxes)[1]
        turn = ops.where(real, ops.arange(count, 0, -1, dtype="int32"), 0)[..., None]
        turn = ops.max(ops.where(suited, turn, 0), axis=1)
        return ops.where(turn > 0, count - turn, -1)

    def _around(self, boxes, stride):
        """Return the part of each box, at least a cell, that is near enough to the centre."""
        middle, reach = (boxes[..., :2] + boxes[..., 2:]) / 2, self.radius * stride
        start, end = widened(boxes[..., :2], boxes[..., 2:], stride)
        start, end = ops.maximum(start, middle - reach), ops.minimum(end, middle + reach)
        return ops.concatenate([start, end], axis=-1)


def reach_ranges(strides: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """Return the paper's ranges of distances for any strides, finest first.

    For 8, 16 and 32 they are (0, 64), (64, 128) and (128, inf).
    """
    ends = [REACH * stride for stride in strides[:-1]]
    return tuple(zip((0.0, *ends), (*ends, float("inf")), strict=True))


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
        _assign_level(boxes, labels, ignored, (size, stride), bounds)
        for size, stride, bounds in zip(feature_sizes, strides, size_ranges, strict=True)
    ]


def _assign_level(boxes, labels, ignored, level, bounds):
    xp = namespace_of(boxes, labels)
    axes, points = level_axes(*level), level_points(*level)
    real = labels >= 0
    objects = xp.logical_and(real, xp.logical_not(ignored))[..., None]
    regions = xp.logical_and(real, ignored)[..., None]
    # [..., G, P] each.
    candidate = xp.logical_and(_suited(boxes, boxes, axes, bounds), objects)
    region = xp.logical_and(_suited(boxes, boxes, axes, (0.0, float("inf"))), regions)
    area = xp.where(candidate, box_geometry.area(boxes)[..., None], np.float32("inf"))
    best = xp.argmin(area, axis=-2)  # The first of equal ones.
    positive = xp.any(candidate, axis=-2)
    chosen = xp.take_along_axis(boxes, best[..., None], axis=-2)
    distances = ltrb.encode(chosen, points, np.ones(len(points), "float32"))
    distances = xp.where(positive[..., None], distances, xp.zeros_like(distances))
    return {
        "labels": xp.where(positive, xp.take_along_axis(labels, best, axis=-1), -1),
        "ltrb": distances,
        "centerness": centerness(distances),
        "ignored": xp.logical_and(xp.any(region, axis=-2), xp.logical_not(positive)),
    }


def _suited(boxes, around, axes, bounds):
    """Return where a point lies in `around` and suits the box, bool `[..., G, P]`.

    It suits where the largest of its four distances to the sides is within bounds. Boxes are
    upright, so columns and rows are looked at on their own and meet in the end.
    """
    xp = namespace_of(boxes)
    (across, wide), (down, high) = (
        _along(xp, boxes[..., side::2, None], around[..., side::2, None], places, bounds)
        for side, places in enumerate(axes)
    )
    within = xp.logical_and(down[..., :, None], across[..., None, :])
    far = xp.logical_or(high[..., :, None], wide[..., None, :])
    suited = xp.logical_and(within, far)
    return xp.reshape(suited, (*xp.shape(suited)[:-2], down.shape[-1] * across.shape[-1]))


def _along(xp, interval, around, places, bounds):
    """Return where a place is in `around` and not too far, and where it is far enough."""
    longest = xp.maximum(places - interval[..., 0, :], interval[..., 1, :] - places)
    inside = xp.logical_and(places >= around[..., 0, :], places <= around[..., 1, :])
    return xp.logical_and(inside, longest <= bounds[1]), longest >= bounds[0]
