"""Centre sampling: the points near the centre of an object answer for it.

After FCOS's center sampling (Tian et al. 2020, https://arxiv.org/abs/2006.09214), with the level
chosen by the size of the object, so that ranges may overlap and no size falls between levels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from keras import ops

from edgedet.geometry import boxes as box_geometry
from edgedet.targets.assigner import Assigner
from edgedet.targets.claims import settle


class CenterAssigner(Assigner):
    """Gives every object the points around its centre, on the levels meant for its size.

    Where two objects want one point, the smaller gets it. A box smaller than a cell may hold no
    point; then the nearest one answers.

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
        super().__init__(input_size, strides)
        self.size_ranges = dict(zip(self.strides, size_ranges, strict=True))
        # Half a stride at least, so that some point is near.
        self.radius = max(radius, 0.5)

    def assign(self, truth, raw=None):
        window = self.window(truth.boxes, 2 * math.floor(self.radius + 0.5) + 1)
        near = ops.maximum(*window.offsets(truth.boxes)) <= self.radius * window.strides
        near = ops.logical_and(near, window.inside(truth.boxes, window.strides))
        size = ops.sqrt(box_geometry.area(truth.boxes))[..., None]
        ranges = np.array([self.size_ranges[stride] for stride in window.strides], "float32")
        fits = ops.logical_and(size >= ranges[:, 0], size <= ranges[:, 1])
        wanted = ops.logical_and(near, ops.logical_and(fits, truth.real[..., None]))
        cost = ops.broadcast_to(size, ops.shape(near))
        return settle(window.places, cost, wanted, len(self.points)), None
