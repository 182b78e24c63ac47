"""How far an answer is from its target; one value per element or box, no reduction."""

from edgedet.losses.binary import bce_with_logits_loss
from edgedet.losses.detection import DetectionLoss
from edgedet.losses.distribution import distribution_focal_loss
from edgedet.losses.focal import focal_loss, quality_focal_loss, varifocal_loss
from edgedet.losses.gaussian import gaussian_nll_loss
from edgedet.losses.iou import ciou_loss, diou_loss, giou_loss, iou_loss
from edgedet.losses.smooth_l1 import smooth_l1_loss

__all__ = [
    "DetectionLoss",
    "bce_with_logits_loss",
    "ciou_loss",
    "diou_loss",
    "distribution_focal_loss",
    "focal_loss",
    "gaussian_nll_loss",
    "giou_loss",
    "iou_loss",
    "quality_focal_loss",
    "smooth_l1_loss",
    "varifocal_loss",
]
