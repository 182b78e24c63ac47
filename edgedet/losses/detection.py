"""The loss of a detector: weighted terms, each per positive point. The one place that reduces."""

from __future__ import annotations

import dataclasses

from keras import ops

from edgedet.geometry import boxes as overlap
from edgedet.geometry import ltrb
from edgedet.losses.focal import focal_loss, quality_focal_loss, varifocal_loss
from edgedet.losses.iou import ciou_loss, diou_loss, giou_loss, iou_loss

# Class losses whose target is the quality of the box, and those whose target is 1.
QUALITY_LOSSES = {"quality_focal": quality_focal_loss, "varifocal": varifocal_loss}
CLASS_LOSSES = {"focal": focal_loss, **QUALITY_LOSSES}
BOX_LOSSES = {"iou": iou_loss, "giou": giou_loss, "diou": diou_loss, "ciou": ciou_loss}


@dataclasses.dataclass(frozen=True)
class DetectionLoss:
    """How raw predictions are scored against their targets.

    Attributes:
        class_loss: One of `CLASS_LOSSES`.
        box_loss: One of `BOX_LOSSES`, at positive points.
        class_weight: Weight of the class term.
        box_weight: Weight of the box term; more gives tighter boxes at the cost of recall.
    """

    class_loss: str = "quality_focal"
    box_loss: str = "giou"
    class_weight: float = 1.0
    box_weight: float = 2.0

    terms = ("class", "box")

    def __call__(self, raw, targets) -> dict:
        """Return `{term: scalar}` for raw predictions against their `Targets`."""
        sums, positives = self.sums(raw, targets)
        positives = ops.maximum(positives, 1.0)
        return {name: value / positives for name, value in sums.items()}

    def sums(self, raw, targets):
        """Return `{term: sum over all points}` and the number of positive points.

        Several batches share one number of positives when their gradients are added up.
        """
        positive = ops.cast(targets.positive, "float32")
        predicted = ltrb.decode(raw["box_ltrb"], targets.points, targets.strides)
        fit = ops.stop_gradient(overlap.iou(predicted, targets.boxes))
        box = BOX_LOSSES[self.box_loss](predicted, targets.boxes) * positive
        wanted = self._class_targets(raw["class_logits"], targets, fit)
        classes = CLASS_LOSSES[self.class_loss](raw["class_logits"], wanted) * _asked(targets)
        sums = {
            "class": self.class_weight * ops.sum(classes),
            "box": self.box_weight * ops.sum(box),
        }
        return sums, ops.sum(positive)

    def _class_targets(self, logits, targets, fit):
        # one_hot of -1, the background, is all zeros.
        present = ops.one_hot(targets.labels, logits.shape[-1], dtype="float32")
        return present * fit[..., None] if self.class_loss in QUALITY_LOSSES else present


def _asked(targets):
    """Return 1 where a point is asked about a class, else 0, `[B, P, C]`."""
    points = ops.logical_not(targets.ignored)[..., None]
    return ops.cast(ops.logical_and(points, targets.known[:, None, :]), "float32")
