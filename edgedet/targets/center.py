"""Centre sampling: the points near the centre of an object answer for it.

After FCOS's center sampling (Tian et al. 2020, https://arxiv.org/abs/2006.09214), with the level
chosen by the size of the object, so that ranges may overlap and no size falls between levels.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import ops

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.points import feature_size, grid_points, level_points
from edgedet.targets.padding import with_padding
from edgedet.targets.targets import Targets


class CenterAssigner:
    """Gives every object the points around its centre, on the levels meant for its size.

    Where two objects want one point, the smaller gets it.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level.
        size_ranges: Per level, the smallest and largest object it answers for: the geometric
            mean of the sides in pixels, both ends included.
        radius: Points up to so many strides from the centre, along x and along y, are positive;
            a larger radius gives more but worse placed positives.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        strides: Sequence[int],
        size_ranges: Sequence[tuple[float, float]],
        radius: float = 1.2,
    ):
        self.input_size = tuple(input_size)
        self.strides = tuple(strides)
        self.size_ranges = tuple(size_ranges)
        self.radius = radius
        self.points, self.point_strides = grid_points(self.input_size, self.strides)

    def __call__(self, truth, raw=None) -> Targets:
        """Return the targets of a batch.

        Args:
            truth: What the batch says beside its images: `boxes` `[B, G, 4]` xyxy in input
                pixels; `labels` int `[B, G]`, -1 is padding; `ignored` bool `[B, G]`, regions
                whose points are asked nothing unless they answer for an object; `known` bool
                `[B, C]`, see `Targets`.
            raw: Predictions; this assigner does not look at them.
        """
        boxes, labels, ignored = with_padding(truth["boxes"], truth["labels"], truth["ignored"])
        objects = ops.logical_and(labels >= 0, ops.logical_not(ignored))
        regions = ops.logical_and(labels >= 0, ignored)
        # Smallest first, so that the first object that wants a point is the right one.
        size = ops.sqrt(box_geometry.area(boxes))
        order = ops.argsort(ops.where(objects, size, 1e9), axis=-1)
        boxes, size, labels, objects, regions = (
            ops.take_along_axis(array, order if array.ndim == 2 else order[..., None], axis=1)
            for array in (boxes, size, labels, objects, regions)
        )
        wanted, near_region = [], []
        for stride, (smallest, largest) in zip(self.strides, self.size_ranges, strict=True):
            fits = ops.logical_and(size >= smallest, size <= largest)
            level = ops.logical_and(objects, fits)
            wanted.append(self._near_centre(boxes, level, stride))
            near_region.append(self._inside(boxes, regions, stride))
        wanted, ignored = ops.concatenate(wanted, axis=-1), ops.concatenate(near_region, axis=-1)
        return self._targets(boxes, labels, wanted, ignored, truth["known"])

    def _targets(self, boxes, labels, wanted, ignored, known):
        first = ops.argmax(ops.cast(wanted, "int8"), axis=1)
        positive = ops.any(wanted, axis=1)
        chosen = ops.take_along_axis(boxes, first[..., None], axis=1)
        label = ops.take_along_axis(labels, first, axis=1)
        return Targets(
            points=ops.convert_to_tensor(self.points),
            strides=ops.convert_to_tensor(self.point_strides),
            labels=ops.where(positive, label, -1),
            boxes=chosen,
            positive=positive,
            ignored=ops.logical_and(ignored, ops.logical_not(positive)),
            known=known,
        )

    def _near_centre(self, boxes, chosen, stride):
        """Return bool `[B, G, H*W]`: the point is near the centre and inside the box.

        A box smaller than a cell may hold no point; then the nearest one answers.
        """
        columns, rows = self._axes(stride)
        reach = self.radius * stride
        across = _close(columns, boxes[..., 0], boxes[..., 2], reach, stride)
        down = _close(rows, boxes[..., 1], boxes[..., 3], reach, stride)
        return _cross(ops.logical_and(down, chosen[..., None]), across)

    def _inside(self, boxes, chosen, stride):
        """Return bool `[B, H*W]`: the point lies in, or is the nearest of, a chosen region."""
        columns, rows = self._axes(stride)
        across = ops.cast(_within(columns, boxes[..., 0], boxes[..., 2], stride), "float32")
        down = _within(rows, boxes[..., 1], boxes[..., 3], stride)
        down = ops.cast(ops.logical_and(down, chosen[..., None]), "float32")
        # How many regions hold a point: a product of matrices instead of [B, G, H, W].
        count = ops.matmul(ops.transpose(down, (0, 2, 1)), across)
        return ops.reshape(count, (count.shape[0] or -1, down.shape[-1] * across.shape[-1])) > 0.5

    def _axes(self, stride):
        height, width = feature_size(self.input_size, stride)
        points = level_points((height, width), stride).reshape(height, width, 2)
        return points[0, :, 0], points[:, 0, 1]


def _close(places, start, end, reach, stride):
    centre, half = (start + end) / 2, (end - start) / 2
    distance = ops.abs(places - centre[..., None])
    # Inside the box and within reach; half a stride at least, so that some point is.
    limit = ops.maximum(ops.minimum(half, reach), stride / 2)
    return distance <= limit[..., None]


def _within(places, start, end, stride):
    centre, half = (start + end) / 2, (end - start) / 2
    return ops.abs(places - centre[..., None]) <= ops.maximum(half, stride / 2)[..., None]


def _cross(down, across):
    both = ops.logical_and(down[..., :, None], across[..., None, :])
    shape = ops.shape(both)
    return ops.reshape(both, (shape[0], shape[1], down.shape[-1] * across.shape[-1]))
