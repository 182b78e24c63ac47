"""Mistakes: what was missed and what was dreamed up in each image, and which images to look at."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.evaluation.results import Results
from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.matching import IGNORED, RIGHT, WRONG, match

# Kinds of boxes.
KINDS = FOUND, MISSED, FALSE_ALARM, NOT_COUNTED = "found", "missed", "false alarm", "not counted"


@dataclasses.dataclass(frozen=True)
class Mistakes:
    """What went wrong in one image at a certain score.

    Attributes:
        index: The image's place in the results.
        boxes: Kind (one of `KINDS`) -> float `[N, 4]`, xyxy, pixels of the image.
    """

    index: int
    boxes: dict[str, np.ndarray]

    @property
    def found(self) -> int:
        """The number of objects that were found."""
        return len(self.boxes[FOUND])

    @property
    def missed(self) -> int:
        """The number of objects that were not found."""
        return len(self.boxes[MISSED])

    @property
    def false_alarms(self) -> int:
        """The number of detections where nothing is."""
        return len(self.boxes[FALSE_ALARM])


def worst(results: Results, min_score: float, count: int = 12) -> list[Mistakes]:
    """Return the images with the most missed objects and false alarms, the worst first.

    Args:
        results: The detections of all images.
        min_score: Detections below it are not reported on the device, so not counted.
        count: At most so many; images without a mistake are left out.
    """
    wrong = [each for each in _all(results, min_score) if each.missed + each.false_alarms]
    return sorted(wrong, key=lambda each: -(each.missed + each.false_alarms))[:count]


def best(results: Results, min_score: float, count: int = 12) -> list[Mistakes]:
    """Return the images with the most found objects over mistakes, the best first.

    Args:
        results: The detections of all images.
        min_score: Detections below it are not reported on the device, so not counted.
        count: At most so many; images where nothing is found are left out.
    """
    right = [each for each in _all(results, min_score) if each.found]
    return sorted(right, key=lambda each: each.missed + each.false_alarms - each.found)[:count]


def _all(results, min_score):
    return [
        _mistakes(index, found, GroundTruth.of(record), len(results.class_names))
        for index, (found, record) in enumerate(
            zip(results.reported(min_score), results.records, strict=True)
        )
    ]


def _mistakes(index, found, truth, num_classes):
    boxes = {kind: [np.zeros((0, 4))] for kind in KINDS}
    for label in range(num_classes):
        detected, there = found[found.labels == label], truth[truth.labels == label]
        outcomes, hit = match(detected, there)
        boxes[FOUND].append(detected.boxes[outcomes == RIGHT])
        boxes[MISSED].append(there.boxes[~hit & ~there.ignored])
        boxes[FALSE_ALARM].append(detected.boxes[outcomes == WRONG])
        boxes[NOT_COUNTED] += [there.boxes[there.ignored], detected.boxes[outcomes == IGNORED]]
    return Mistakes(index, {kind: np.concatenate(parts) for kind, parts in boxes.items()})
