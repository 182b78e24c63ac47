"""A complete evaluation: every number that a data set of still images allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from edgedet import outputs
from edgedet.data.record import WIDER_FACE, Dataset
from edgedet.errors import DataError
from edgedet.evaluation.evaluate import Evaluation, evaluate
from edgedet.evaluation.results import Results, unchanged
from edgedet.evaluation.uncertainty import joined, side_errors
from edgedet.evaluation.wider_face import wider_face_curves, wider_face_metrics
from edgedet.metrics import point_metrics
from edgedet.metrics.names import BOX_STD
from edgedet.runtime import EdgeDetector


def evaluate_completely(
    detect: EdgeDetector,
    dataset: Dataset,
    ground_truth: Path,
    points: float | None = None,
    chosen: Sequence[str] = (),
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
) -> Evaluation:
    """Run a detector over a data set, and measure all that `edgedet evaluate` reports.

    Args:
        detect: The detector; what it reports counts for points and for uncertainty.
        dataset: The images and what is in them.
        ground_truth: Where WIDER FACE's official lists are, for a data set of that protocol.
        points: Greatest distance of centres, in pixels, for targets that are points; `None`
            leaves them out.
        chosen: As in `evaluate`, as the rest.
        transform: Of each image.
        progress: Wraps the records.

    Returns:
        What `evaluate` does; with the numbers and curves of WIDER FACE for its data, the numbers
        of points, and those of the uncertainty for a model that tells it.

    Raises:
        DataError: As `evaluate`.
    """
    plain = evaluate(detect, dataset, chosen, transform, progress)
    metrics, results, curves = dict(plain.metrics), plain.results, {}
    if dataset.protocol == WIDER_FACE:
        curves = wider_face_curves(results, ground_truth)
        metrics |= wider_face_metrics(curves)
    if points is not None:
        metrics |= point_metrics(results.reported(detect.min_score), results.records, points)
    if outputs.of_role(detect.manifest.kinds, outputs.LOG_VARIANCE) is not None:
        metrics |= _uncertainty(results, detect.min_score)
    return dataclasses.replace(plain, metrics=metrics, curves=curves)


def _uncertainty(results: Results, min_score: float) -> dict[str, float | None]:
    """Return whether boxes are as far off as the model says; `None` where too few are found."""
    try:
        sides = joined([side_errors(results, min_score)])
    except DataError:
        return dict.fromkeys(BOX_STD)
    return dict(zip(BOX_STD, (sides.coverage, sides.rank_correlation), strict=True))
