"""Windows: the few points around the centre of each object.

Positives lie near the centre of their object, so an assigner that looks at K points of each
object, a window of some cells on every level, need not look at all P.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from keras import ops

from edgedet.geometry.points import feature_size


@dataclasses.dataclass(frozen=True)
class Window:
    """K points of each object, none twice, those of finer levels first.

    Attributes:
        places: int32 `[B, G, K]`, which of the P points.
        x: `[B, G, K]` in input pixels.
        y: `[B, G, K]` in input pixels.
        strides: NumPy float32 `[K]`, input pixels per cell.
    """

    places: Any
    x: Any
    y: Any
    strides: np.ndarray

    def inside(self, boxes, least):
        """Return bool `[B, G, K]`: the point lies in the box of its object, or on its border.

        Args:
            boxes: `[B, G, 4]` xyxy in input pixels.
            least: Sides, in pixels, that a box counts as having at least; one number or K.
        """
        left, right = widened(boxes[..., 0, None], boxes[..., 2, None], least)
        top, bottom = widened(boxes[..., 1, None], boxes[..., 3, None], least)
        across = ops.logical_and(self.x >= left, self.x <= right)
        return ops.logical_and(across, ops.logical_and(self.y >= top, self.y <= bottom))

    def offsets(self, boxes):
        """Return how far, along x and along y, each point is from the centre, 2 x `[B, G, K]`."""
        x = (boxes[..., 0, None] + boxes[..., 2, None]) / 2
        y = (boxes[..., 1, None] + boxes[..., 3, None]) / 2
        return ops.abs(self.x - x), ops.abs(self.y - y)

    def nearest(self, boxes, count) -> Window:
        """Return the `count` points nearest to the centre, or all; for a window of one level."""
        across, down = self.offsets(boxes)
        count = min(count, len(self.strides))
        _, index = ops.top_k(-(across**2 + down**2), count)
        picked = (ops.take_along_axis(a, index, axis=-1) for a in (self.places, self.x, self.y))
        return Window(*picked, self.strides[:count])


def widened(start, end, least):
    """Return the ends of intervals about the same middle that are `least` long at least.

    An interval as long as a cell, ends included, holds the middle of a cell.
    """
    middle = (start + end) / 2
    return ops.minimum(start, middle - least / 2), ops.maximum(end, middle + least / 2)


def windows(boxes, input_size, strides, cells) -> list[Window]:
    """Return, per level, the window of `cells` x `cells` around the centre of each box.

    At the border it is moved into the level, and it is no larger than the level.

    Args:
        boxes: `[B, G, 4]` xyxy in input pixels.
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level.
        cells: Side of the window, an odd number.
    """
    levels, first = [], 0
    for stride in strides:
        height, width = feature_size(input_size, stride)
        columns = _cells((boxes[..., 0] + boxes[..., 2]) / 2, stride, width, cells)[..., None, :]
        rows = _cells((boxes[..., 1] + boxes[..., 3]) / 2, stride, height, cells)[..., :, None]
        levels.append(_cross(rows, columns, first, width, stride))
        first += height * width
    return levels


def join(levels: list[Window]) -> Window:
    """Return the windows of several levels as one."""
    return Window(
        *(
            ops.concatenate([getattr(level, name) for level in levels], axis=-1)
            for name in ("places", "x", "y")
        ),
        np.concatenate([level.strides for level in levels]),
    )


def _cells(centre, stride, count, cells):
    """Return the cells of one axis around `centre`, int32 `[B, G, cells]` or all `count`."""
    nearest = ops.floor(centre / stride)
    first = ops.clip(nearest - cells // 2, 0, max(count - cells, 0))
    return ops.cast(first, "int32")[..., None] + ops.arange(min(cells, count), dtype="int32")


def _cross(rows, columns, first, width, stride):
    size = rows.shape[-2] * columns.shape[-1]

    def flat(array):
        return ops.reshape(array, (*ops.shape(array)[:2], size))

    return Window(
        flat(first + rows * width + columns),
        *(
            flat((ops.cast(along + ops.zeros_like(other), "float32") + 0.5) * stride)
            for along, other in ((columns, rows), (rows, columns))
        ),
        np.full(size, stride, "float32"),
    )
