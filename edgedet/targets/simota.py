"""SimOTA: every object takes the points that learn it most cheaply, as many as fit it well.

Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430, after
Ge et al. 2021, OTA, https://arxiv.org/abs/2103.14259
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from keras import ops

from edgedet.targets.assigner import Assigner
from edgedet.targets.claims import NOTHING, settle
from edgedet.targets.gather import pick
from edgedet.targets.predicted import Predicted

# How much a badly placed box costs beside a wrong class; as in YOLOX's own code.
IOU_WEIGHT = 3.0
# The best IoUs that say how many points an object gets; as in YOLOX's own code.
MOST = 10


class SimOtaAssigner(Assigner):
    """Gives every object the points near its centre that predict it best already.

    The candidates of an object are the points inside its box and within `radius` of its centre.
    Each costs the binary cross entropy of its classes with the object's, plus three times the
    negative logarithm of the IoU of its box. The object gets the k cheapest, where k is the sum
    of the ten best IoUs among them, rounded down, and at least 1. Where two objects want one
    point, the one that it costs less gets it.

    A box counts as at least one cell of the finest level wide and high, so that it holds a
    point. YOLOX also takes points outside the box, at a cost of 100,000, where there are fewer
    than k; here none, since distances to the sides, all >= 0, cannot say a box from outside.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.
        radius: Candidates are less than so many strides from the centre, along x and along y.
    """

    def __init__(self, input_size: tuple[int, int], strides: Sequence[int], radius: float = 2.5):
        super().__init__(input_size, strides)
        # Of half a stride or less, the nearest point may be outside.
        self.radius = max(radius, 0.51)

    def assign(self, truth, raw):
        predicted = Predicted(raw, self.points, self.point_strides)
        window = self.window(truth.boxes, 2 * math.ceil(self.radius + 0.5) - 1)
        near = ops.maximum(*window.offsets(truth.boxes)) < self.radius * window.strides
        eligible = ops.logical_and(near, window.inside(truth.boxes, self.strides[0]))
        eligible = ops.logical_and(eligible, truth.real[..., None])
        fit = ops.where(eligible, predicted.iou(window.places, truth.boxes), 0.0)
        cost = _class_cost(predicted, window.places, truth) - IOU_WEIGHT * ops.log(fit + 1e-8)
        gain, index = ops.top_k(ops.where(eligible, -cost, NOTHING), min(MOST, fit.shape[-1]))
        wanted = ops.logical_and(_cheapest(fit, gain.shape[-1]), gain > NOTHING)
        places = ops.take_along_axis(window.places, index, axis=-1)
        return settle(places, -gain, wanted, len(self.points)), None


def _cheapest(fit, most):
    """Return which of the `most` cheapest points an object gets, bool `[B, G, most]`."""
    number = ops.floor(ops.sum(ops.top_k(fit, most)[0], axis=-1, keepdims=True))
    return ops.arange(most, dtype="float32") < ops.maximum(number, 1.0)


def _class_cost(predicted, places, truth):
    """Return the cross entropy of each point's classes with the object's, `[B, G, K]`.

    Where there is objectness, a class is as likely as the root of the product (as in the code of
    YOLOX itself).
    """
    scores = predicted.scores()
    log_own = predicted.log_score(places, truth.labels)
    if predicted.objectness_logits is not None:
        scores, log_own = ops.sqrt(scores), log_own / 2
    absent = pick(ops.sum(_absence_cost(scores), axis=-1), places)
    return absent - _absence_cost(ops.exp(log_own)) - log_own


def _absence_cost(scores):
    # Kept from 1, where it is infinite.
    return -ops.log(1.0 - ops.minimum(scores, 1.0 - 1e-6))
