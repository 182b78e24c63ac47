"""Assigner: what all ways to choose points share."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from keras import ops

from edgedet.geometry.points import feature_size, grid_points, level_axes
from edgedet.targets.gather import pick
from edgedet.targets.padded_truth import PaddedTruth
from edgedet.targets.targets import Targets
from edgedet.targets.window import Window, join, widened, windows


class Assigner(abc.ABC):
    """Decides which point answers for which object.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.

    Attributes:
        points: float32 `[P, 2]`, (x, y) in input pixels.
        point_strides: float32 `[P]`.
    """

    def __init__(self, input_size: tuple[int, int], strides: Sequence[int]):
        self.input_size = tuple(input_size)
        self.strides = tuple(strides)
        self.points, self.point_strides = grid_points(self.input_size, self.strides)

    def __call__(self, truth: dict, raw: dict | None = None) -> Targets:
        """Return the targets of a batch, without a gradient.

        Args:
            truth: What the batch says beside its images: `boxes` `[B, G, 4]` xyxy in input
                pixels; `labels` int `[B, G]`, -1 is padding; `ignored` bool `[B, G]`, regions
                whose points are asked nothing unless they answer for an object; `known` bool
                `[B, C]` and, if it is known, `domain` int `[B]`, see `Targets`.
            raw: Predictions `{kind: [B, P, k]}`, for assigners that look at them.
        """
        padded = PaddedTruth.of(truth)
        owner, quality = self.assign(padded, raw)
        return self._targets(padded, owner, quality)

    @abc.abstractmethod
    def assign(self, truth: PaddedTruth, raw: dict | None):
        """Return the object that each point answers for, int32 `[B, P]`, -1 for none.

        The second of the two values is the points' `Targets.quality`, or `None`.
        """

    def windows(self, boxes, cells: int) -> list[Window]:
        """Return, per level, the window of `cells` x `cells` around the centre of each box."""
        return windows(boxes, self.input_size, self.strides, cells)

    def window(self, boxes, cells: int) -> Window:
        """Return the windows of all levels as one."""
        return join(self.windows(boxes, cells))

    def axes(self, stride: int):
        """Return the x of the columns and the y of the rows of one level, in pixels."""
        return level_axes(feature_size(self.input_size, stride), stride)

    def _targets(self, truth, owner, quality):
        positive = owner >= 0
        index = ops.maximum(owner, 0)
        ignored = ops.concatenate([self._covered(truth, stride) for stride in self.strides], -1)
        return Targets(
            points=ops.convert_to_tensor(self.points),
            strides=ops.convert_to_tensor(self.point_strides),
            labels=ops.where(positive, pick(truth.labels, index), -1),
            boxes=pick(truth.boxes, index),
            positive=positive,
            ignored=ops.logical_and(ignored, ops.logical_not(positive)),
            known=truth.known,
            quality=quality,
            domain=truth.domain,
        )

    def _covered(self, truth, stride):
        """Return bool `[B, H*W]`: the point lies in, or is the nearest of, a region."""
        columns, rows = self.axes(stride)
        boxes = truth.boxes
        across = _within(columns, boxes[..., 0], boxes[..., 2], stride)
        down = _within(rows, boxes[..., 1], boxes[..., 3], stride)
        down = ops.logical_and(down, truth.regions[..., None])
        # How many regions hold a point: a product of matrices instead of [B, G, H, W].
        down, across = ops.cast(down, "float32"), ops.cast(across, "float32")
        count = ops.matmul(ops.transpose(down, (0, 2, 1)), across)
        return ops.reshape(count, (ops.shape(count)[0], len(rows) * len(columns))) > 0.5


def _within(places, start, end, stride):
    start, end = widened(start[..., None], end[..., None], stride)
    return ops.logical_and(places >= start, places <= end)
