"""Losses of boxes by overlap: 1 - IoU and its kin, with their true gradients.

The overlaps and their papers are in `edgedet.geometry.boxes`.
"""

from edgedet.geometry import boxes as overlap


def iou_loss(predicted_boxes, boxes):
    """Return `1 - IoU` of each predicted box, `[...]`; without gradient where boxes lie apart."""
    return 1.0 - overlap.iou(predicted_boxes, boxes)


def giou_loss(predicted_boxes, boxes):
    """Return `1 - GIoU` of each predicted box, `[...]` in [0, 2]."""
    return 1.0 - overlap.giou(predicted_boxes, boxes)


def diou_loss(predicted_boxes, boxes):
    """Return `1 - DIoU` of each predicted box, `[...]` in [0, 2]."""
    return 1.0 - overlap.diou(predicted_boxes, boxes)


def ciou_loss(predicted_boxes, boxes):
    """Return `1 - CIoU` of each predicted box, `[...]`."""
    return 1.0 - overlap.ciou(predicted_boxes, boxes)
