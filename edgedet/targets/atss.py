"""ATSS: every object sets the bar for its own points.

Zhang et al. 2020, https://arxiv.org/abs/1912.02424
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from keras import ops

from edgedet.geometry import boxes as box_geometry
from edgedet.targets.assigner import Assigner
from edgedet.targets.claims import settle
from edgedet.targets.window import join


class AtssAssigner(Assigner):
    """Gives every object the points whose squares overlap it more than is usual for it.

    The candidates of an object are, on each level, the points nearest to its centre. Each
    candidate is judged by the IoU of the object with a square around the point. Positive are
    those inside the box whose IoU is at least the mean of the candidates' plus their standard
    deviation; where no point inside reaches that, the best of them. Where two objects want one
    point, the one with the higher IoU gets it.

    The squares are for these statistics only, nothing is predicted relative to them. A box
    counts as at least one cell of the finest level wide and high, so that it holds a point.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.
        candidates: How many points of each level are looked at; the paper's 9 suits most.
        side: Side of the squares, in strides; a larger one sends objects to finer levels.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        strides: Sequence[int],
        candidates: int = 9,
        side: float = 8.0,
    ):
        super().__init__(input_size, strides)
        self.candidates = candidates
        self.side = side

    def assign(self, truth, raw=None):
        boxes = truth.boxes
        # Also in a corner the nearest points lie in a square window of this side.
        cells = 2 * math.ceil(math.sqrt(self.candidates)) - 1
        levels = self.windows(boxes, cells)
        window = join([level.nearest(boxes, self.candidates) for level in levels])
        fit = self._overlap(boxes, window)
        inside = window.inside(boxes, self.strides[0])
        bar = ops.mean(fit, axis=-1) + ops.std(fit, axis=-1)
        bar = ops.minimum(bar, ops.max(ops.where(inside, fit, 0.0), axis=-1))
        wanted = ops.logical_and(inside, fit >= bar[..., None])
        wanted = ops.logical_and(wanted, truth.real[..., None])
        return settle(window.places, -fit, wanted, len(self.points)), None

    def _overlap(self, boxes, window):
        """Return the IoU of each object with the squares around its points, `[B, G, K]`."""
        half = self.side * window.strides / 2
        x, y = window.x, window.y
        squares = ops.stack([x - half, y - half, x + half, y + half], axis=-1)
        return box_geometry.iou(squares, boxes[..., None, :])
