"""Which detections of an image are right: COCO's matching at one overlap.

The best detection chooses first. It takes the free object that it overlaps most; a detection
that finds none, but lies mostly in an ignored region, is neither right nor wrong. Labels are not
looked at: pass the detections and objects of one class.
"""

from __future__ import annotations

import numpy as np

from edgedet.geometry import boxes
from edgedet.metrics.ground_truth import GroundTruth

RIGHT, WRONG, IGNORED = 1, 0, -1


def match(detections, truth: GroundTruth, iou_threshold: float = 0.5):
    """Return what each detection is, and which objects were found.

    Args:
        detections: `Detections` in any order.
        truth: The objects of the same image.
        iou_threshold: Least overlap of a detection with its object; higher asks for more
            exact boxes.

    Returns:
        outcomes: int8 `[D]`, `RIGHT`, `WRONG` or `IGNORED`.
        found: bool `[G]`, True where an object has its detection.
    """
    partners = partners_of(detections, truth, iou_threshold)
    outcomes = np.where(partners >= 0, RIGHT, WRONG).astype("int8")
    found = np.zeros(len(truth), bool)
    found[partners[partners >= 0]] = True
    excused = _inside_ignored(np.asarray(detections.boxes, "float64"), truth, iou_threshold)
    outcomes[(outcomes == WRONG) & excused] = IGNORED
    return outcomes, found


def partners_of(detections, truth: GroundTruth, iou_threshold: float = 0.5) -> np.ndarray:
    """Return the object that each detection has, int `[D]`, -1 for none; see `match`."""
    detected = np.asarray(detections.boxes, "float64")
    partners = np.full(len(detected), -1)
    overlaps = np.where(truth.ignored, -1.0, boxes.pairwise_iou(detected, truth.boxes))
    order = np.argsort(-np.asarray(detections.scores, "float64"), kind="stable")
    # Most detections touch nothing, and need no turn.
    for index in order[(overlaps[order] >= iou_threshold).any(axis=1)]:
        best = overlaps[index].argmax()
        if overlaps[index, best] >= iou_threshold:
            partners[index] = best
            # It is free no more.
            overlaps[:, best] = -1.0
    return partners


def _inside_ignored(detected, truth, share):
    """Return bool `[D]`: at least `share` of the detection's own area lies in one region."""
    regions = truth.boxes[truth.ignored]
    inside = boxes.intersection(detected[:, None], regions[None])
    own = np.maximum(boxes.area(detected), boxes.EPSILON)
    return (inside / own[:, None] >= share).any(axis=1)
