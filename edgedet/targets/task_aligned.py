"""Task-aligned assignment: the points whose class and box are right together.

Feng et al. 2021, TOOD, https://arxiv.org/abs/2108.07755
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import ops

from edgedet.targets.assigner import Assigner
from edgedet.targets.claims import NOTHING, settle, spread, won
from edgedet.targets.predicted import Predicted

# Boxes are called no worse than this, so that an object that all boxes miss is learned too.
MIN_IOU = 0.1


class TaskAlignedAssigner(Assigner):
    """Gives every object the points inside it whose score and box agree best with it.

    They are ranked by t = s^`score_power` u^`iou_power`, with s the score of the object's class
    and u the IoU of the point's box with the object's. Where two objects want one point, the
    one with the higher IoU gets it.

    The targets are soft: `Targets.quality` is t, scaled so that the largest t of an object
    becomes the largest IoU of its points.

    A box counts as at least one cell of the finest level wide and high, so that it holds a
    point. On each level only `cells` x `cells` points around the centre are looked at, so that
    a large object does not cost thousands of points; the paper looks at all inside.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.
        most: Number of points an object gets, at most.
        score_power: Higher ranks by what is recognized.
        iou_power: Higher ranks by what is well placed.
        cells: Side of the window on each level, an odd number.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        strides: Sequence[int],
        most: int = 13,
        score_power: float = 1.0,
        iou_power: float = 6.0,
        cells: int = 7,
    ):
        super().__init__(input_size, strides)
        self.most = most
        self.score_power = score_power
        self.iou_power = iou_power
        self.cells = cells

    def assign(self, truth, raw):
        predicted = Predicted(raw, self.points, self.point_strides)
        window = self.window(truth.boxes, self.cells)
        eligible = window.inside(truth.boxes, self.strides[0])
        eligible = ops.logical_and(eligible, truth.real[..., None])
        fit = predicted.iou(window.places, truth.boxes)
        score = predicted.log_score(window.places, truth.labels)
        aligned = self.score_power * score + self.iou_power * ops.log(ops.maximum(fit, MIN_IOU))
        aligned, index = ops.top_k(
            ops.where(eligible, aligned, NOTHING), min(self.most, fit.shape[-1])
        )
        places, fit = (ops.take_along_axis(a, index, axis=-1) for a in (window.places, fit))
        owner = settle(places, -fit, aligned > NOTHING, len(self.points))
        kept = won(owner, places)
        quality = _scaled(aligned, fit, kept)
        return owner, spread(quality, places, kept, len(self.points))


def _scaled(aligned, fit, kept):
    """Return t of each kept point with the object's best IoU as its largest, `[B, G, K]`."""
    best = ops.max(ops.where(kept, aligned, NOTHING), axis=-1, keepdims=True)
    best_fit = ops.max(ops.where(kept, fit, 0.0), axis=-1, keepdims=True)
    return ops.exp(ops.minimum(aligned - best, 0.0)) * ops.maximum(best_fit, MIN_IOU)
