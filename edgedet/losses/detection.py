"""The loss of a detector: weighted terms, each per positive point. The one place that reduces."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from keras import ops

from edgedet.geometry import boxes as overlap
from edgedet.geometry import ltrb
from edgedet.losses.binary import bce_with_logits_loss
from edgedet.losses.contrast import contrast_loss
from edgedet.losses.domain import domain_loss
from edgedet.losses.focal import focal_loss, quality_focal_loss, varifocal_loss
from edgedet.losses.iou import ciou_loss, diou_loss, giou_loss, iou_loss
from edgedet.losses.objectness import objectness_loss
from edgedet.losses.quality import centerness_loss, iou_quality_loss
from edgedet.losses.uncertainty import uncertainty_loss
from edgedet.outputs import BOX, CLASS, DOMAIN, KINDS, LOG_VARIANCE, OBJECTNESS, QUALITY
from edgedet.settings import Loss

# Class losses whose target is the quality of the box, and those whose target is 1.
QUALITY_LOSSES = {
    "bce": bce_with_logits_loss,
    "quality_focal": quality_focal_loss,
    "varifocal": varifocal_loss,
}
CLASS_LOSSES = {"focal": focal_loss, **QUALITY_LOSSES}
BOX_LOSSES = {"iou": iou_loss, "giou": giou_loss, "diou": diou_loss, "ciou": ciou_loss}
# Roles of outputs that have a term.
TERMS = (CLASS, BOX, QUALITY, OBJECTNESS, LOG_VARIANCE, DOMAIN)


@dataclasses.dataclass(frozen=True)
class DetectionLoss(Loss):
    """How raw predictions are scored against their targets.

    There is a term for each kind of output of `TERMS`, named by its role:

    - `class` at every point or, beside objectness, at positives, as in YOLOX
      (https://arxiv.org/abs/2107.08430). Its target is 1 or, with the losses of
      `QUALITY_LOSSES`, the quality of the box. Either goes with a quality of its own, which
      enters the score by the geometric mean: 1 leaves the rank of boxes to that output, the
      quality in both makes it the mean of two estimates. With `contrast_weight`, positive points
      are also asked which of all classes theirs is, see `contrast_loss`.
    - `box` at positives.
    - `quality` at positives: the IoU of the box, or the centerness of the point.
    - `objectness` at every point, see `objectness_loss`.
    - `log_variance` at positives, see `uncertainty_loss`.
    - `domain` at positives and once for each image, see `domain_loss`.

    The weights and the choices among `CLASS_LOSSES` and `BOX_LOSSES` are its settings.
    """

    def terms_for(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the terms for a model that says `kinds`, see `Manifest.kinds`."""
        return tuple(KINDS[kind].role for kind in kinds if KINDS[kind].role in TERMS)

    def __call__(self, raw, targets) -> dict:
        """Return `{term: scalar}` for raw predictions against their `Targets`."""
        sums, positives = self.sums(raw, targets)
        positives = ops.maximum(positives, 1.0)
        return {name: value / positives for name, value in sums.items()}

    def sums(self, raw, targets):
        """Return `{term: sum over all points}` and the number of positive points.

        Several batches share one number of positives when their gradients are added up. Where
        targets are soft, a point counts as much as its quality.
        """
        predicted = ltrb.decode(raw["box_ltrb"], targets.points, targets.strides)
        fit = ops.stop_gradient(overlap.iou(predicted, targets.boxes))
        weight = ops.cast(targets.positive, "float32")
        if targets.quality is not None:
            weight = weight * targets.quality
        costs = {
            CLASS: self._classes(raw, targets, fit),
            BOX: weight * BOX_LOSSES[self.box_loss](predicted, targets.boxes),
        }
        if "quality_logits" in raw:
            costs[QUALITY] = weight * iou_quality_loss(raw["quality_logits"], fit)
        if "centerness_logits" in raw:
            costs[QUALITY] = weight * centerness_loss(raw["centerness_logits"], targets)
        if "objectness_logits" in raw:
            costs[OBJECTNESS] = objectness_loss(
                raw["objectness_logits"], raw["class_logits"], targets
            )
        if "box_log_variance" in raw:
            costs[LOG_VARIANCE] = weight * uncertainty_loss(
                raw["box_log_variance"], raw["box_ltrb"], targets, fit
            )
        if "domain_logits" in raw:
            costs[DOMAIN] = domain_loss(raw["domain_logits"], targets)
        sums = {name: getattr(self, f"{name}_weight") * ops.sum(costs[name]) for name in costs}
        return sums, ops.sum(weight)

    def _classes(self, raw, targets, fit):
        """Return the cost of each class at each point, `[B, P, C]`, 0 where it is not asked."""
        logits = raw["class_logits"]
        # one_hot of -1, the background, is all zeros.
        named = wanted = ops.one_hot(targets.labels, logits.shape[-1], dtype="float32")
        if self.class_loss in QUALITY_LOSSES:
            quality = fit if targets.quality is None else targets.quality
            wanted = wanted * quality[..., None]
        asked = ops.logical_not(targets.ignored)
        if "objectness_logits" in raw:
            asked = targets.positive
        # Whatever its annotators did not look for, an object that they named is nothing else.
        told = ops.logical_or(targets.known[:, None, :], targets.positive[..., None])
        asked = ops.logical_and(asked[..., None], told)
        cost = ops.where(asked, CLASS_LOSSES[self.class_loss](logits, wanted), 0.0)
        if not self.contrast_weight:
            return cost
        if targets.quality is not None:
            named = named * targets.quality[..., None]
        return cost + self.contrast_weight * contrast_loss(logits, named)
