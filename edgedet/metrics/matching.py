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
    detected = np.asarray(detections.boxes, "float64")
    outcomes = np.full(len(detected), WRONG, "int8")
    found = np.zeros(len(truth), bool)
    overlaps = np.where(truth.ignored, -1.0, boxes.pairwise_iou(detected, truth.boxes))
    order = np.argsort(-np.asarray(detections.scores, "float64"), kind="stable")
    # Most detections touch nothing, and need no turn.
    for index in order[(overlaps[order] >= iou_threshold).any(axis=1)]:
        free = np.where(found, -1.0, overlaps[index])
        best = free.argmax()
        if free[best] >= iou_threshold:
            outcomes[index] = RIGHT
            found[best] = True
    excused = _inside_ignored(detected, truth, iou_threshold)
    outcomes[(outcomes == WRONG) & excused] = IGNORED
    return outcomes, found


def _inside_ignored(detected, truth, share):
    """Return bool `[D]`: at least `share` of the detection's own area lies in one region."""
    regions = truth.boxes[truth.ignored]
    inside = boxes.intersection(detected[:, None], regions[None])
    own = np.maximum(boxes.area(detected), boxes.EPSILON)
    return (inside / own[:, None] >= share).any(axis=1)
