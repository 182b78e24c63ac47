"""Precision, recall and the average precision between them.

11 points: Everingham et al. 2010, The PASCAL Visual Object Classes Challenge.
101 points: Lin et al. 2014, Microsoft COCO, https://arxiv.org/abs/1405.0312
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.matching import IGNORED, RIGHT, match


@dataclasses.dataclass(frozen=True)
class Curve:
    """Precision against recall, from the most to the least certain detection.

    Attributes:
        recall: float64 `[N]`, share of the objects found, rising.
        precision: float64 `[N]`, share of the detections so far that are right.
        scores: float64 `[N]`, falling; each point counts the detections down to its score.
        objects: Number of objects that count.
    """

    recall: np.ndarray
    precision: np.ndarray
    scores: np.ndarray
    objects: int

    @classmethod
    def from_outcomes(cls, scores, right, objects: int) -> Curve:
        """Return the curve of detections from all images together.

        Args:
            scores: `[N]` in any order.
            right: bool `[N]`; False is a false alarm.
            objects: Number of objects that were to be found.
        """
        order = np.argsort(-scores, kind="stable")
        hits = np.cumsum(right[order])
        precision = hits / np.arange(1, len(hits) + 1)
        return cls(hits / max(objects, 1), precision, scores[order], objects)

    def average(self, points: int | None = 11) -> float:
        """Return the average precision, in [0, 1]; 0 without objects.

        Args:
            points: 11 (VOC) or 101 (COCO) equally spaced recalls at which the best precision
                at that recall or beyond is averaged; `None` is the area under all of it.
        """
        if not self.objects:
            return 0.0
        if points is None:
            return area_under(self.recall, self.precision)
        reached = np.searchsorted(self.recall, _recall_levels(points), side="left")
        # Beyond the last detection the precision is 0.
        best = np.append(_envelope(self.precision), 0.0)
        return float(best[reached].mean())


def precision_recall(detections, ground_truths, iou_threshold: float = 0.5) -> Curve:
    """Return the curve over all images; labels are ignored, image by image matching is not.

    Args:
        detections: One `Detections` per image, in any order of score.
        ground_truths: One per image: `boxes`, `labels` and optionally `ignored`.
        iou_threshold: Least overlap of a right detection.
    """
    scores, right, objects = [np.zeros(0)], [np.zeros(0, bool)], 0
    for found, truth in zip(detections, map(GroundTruth.of, ground_truths), strict=True):
        outcomes, _ = match(found, truth, iou_threshold)
        counted = outcomes != IGNORED
        scores.append(np.asarray(found.scores, "float64")[counted])
        right.append(outcomes[counted] == RIGHT)
        objects += int((~truth.ignored).sum())
    return Curve.from_outcomes(np.concatenate(scores), np.concatenate(right), objects)


def average_precision(
    detections, ground_truths, iou_threshold: float = 0.5, points: int | None = 11
) -> float:
    """Return the average precision of all detections as if there were one class.

    Args:
        detections: One `Detections` per image, in any order of score.
        ground_truths: One per image: `boxes`, `labels` and optionally `ignored`; an ignored
            object need not be found, and finding it is no mistake.
        iou_threshold: Least overlap of a right detection.
        points: 11 (VOC), 101 (COCO) or `None`, the area under the whole curve.
    """
    return precision_recall(detections, ground_truths, iou_threshold).average(points)


def mean_average_precision(
    detections,
    ground_truths,
    num_classes: int,
    iou_threshold: float = 0.5,
    points: int | None = 11,
) -> float:
    """Return the mean over classes of the average precision; 0 where there are no objects.

    A class without objects is left out, so a model that knows more than the data is not punished.
    The arguments are those of `average_precision`.
    """
    truths = [GroundTruth.of(truth) for truth in ground_truths]
    curves = [
        precision_recall(*of_label(detections, truths, label), iou_threshold)
        for label in range(num_classes)
    ]
    averages = [curve.average(points) for curve in curves if curve.objects]
    return float(np.mean(averages)) if averages else 0.0


def of_label(detections, truths: Sequence[GroundTruth], label: int):
    """Return the detections and the ground truths of one class, still one per image."""
    return (
        [found[np.asarray(found.labels) == label] for found in detections],
        [truth[truth.labels == label] for truth in truths],
    )


def area_under(recall, precision) -> float:
    """Return the area under the curve once dips in precision are filled from the right."""
    steps = np.diff(recall, prepend=0.0)
    return float((steps * _envelope(precision)).sum())


def _envelope(precision):
    return np.maximum.accumulate(precision[::-1])[::-1]


def _recall_levels(points):
    if points == 101:
        # As pycocotools rounds them: i * 0.01 and i / 100 differ in the last digit.
        return np.linspace(0.0, 1.0, points)
    return np.arange(points) / (points - 1)
