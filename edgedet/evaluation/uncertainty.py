"""Uncertainty: whether boxes are off by as much as the model says they may be."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from edgedet.errors import DataError
from edgedet.evaluation.results import Results
from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.matching import partners_of

# Of a normal distribution, the share within one standard deviation.
ONE_SIGMA = 0.6827
# Fewer sides say nothing of a distribution.
LEAST = 40


@dataclasses.dataclass(frozen=True)
class SideErrors:
    """The sides of detections that have their object.

    Attributes:
        errors: float64 `[N]`, how far each side is off, in pixels of the image, at least 0.
        std: float64 `[N]`, how far the model expects it to be off.
    """

    errors: np.ndarray
    std: np.ndarray

    @property
    def coverage(self) -> float:
        """The share of sides within one standard deviation; .68 if the model is right."""
        return float(np.mean(self.errors <= self.std))

    @property
    def rank_correlation(self) -> float:
        """Spearman's correlation: 1 if the surer of two sides is always the better one."""
        # A second to import, and few models tell their uncertainty.
        from scipy.stats import spearmanr

        return float(spearmanr(self.std, self.errors).statistic)

    @property
    def scale(self) -> float:
        """The factor of the standard deviations with which the coverage is that of a normal."""
        return float(np.quantile(self.errors / self.std, ONE_SIGMA))


def side_errors(results: Results, min_score: float) -> SideErrors:
    """Return the errors of all detections that overlap their object by half.

    Args:
        results: Detections with `box_std`.
        min_score: Of the detections that count.
    """
    rows = [
        row
        for found, record in zip(results.reported(min_score), results.records, strict=True)
        for row in _of_image(found, GroundTruth.of(record), len(results.class_names))
    ]
    return SideErrors(*np.concatenate([np.empty((2, 0)), *rows], axis=1))


def joined(parts: Sequence[SideErrors]) -> SideErrors:
    """Return the errors on several sets as one.

    Raises:
        DataError: They are too few.
    """
    errors, std = (np.concatenate([getattr(p, name) for p in parts]) for name in ("errors", "std"))
    if len(errors) < LEAST:
        raise DataError(
            f"Expected {LEAST // 4} detections that have their object, found {len(errors) // 4}.\n"
            "Measure the uncertainty of a trained model, on more images."
        )
    return SideErrors(errors, std)


def _of_image(found, truth, num_classes):
    """Yield (errors, std), `[2, N]`, of the detections of each class."""
    for label in range(num_classes):
        ours, theirs = found[found.labels == label], truth[truth.labels == label]
        partners = partners_of(ours, theirs)
        right = partners >= 0
        if right.any():
            errors = np.abs(ours.boxes[right] - theirs.boxes[partners[right]])
            yield np.stack([errors.reshape(-1), ours.box_std[right].reshape(-1)]).astype("float64")
