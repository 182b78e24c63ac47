"""Evaluate a detector: what ships, over all images of a split, by COCO's numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.evaluation.class_map import meet
from edgedet.evaluation.results import Results, detect_all, unchanged
from edgedet.evaluation.unfiltered import unfiltered
from edgedet.metrics import coco_metrics
from edgedet.metrics.precision_recall import Curve
from edgedet.runtime import EdgeDetector
from edgedet.thermal import Normalization


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What `edgedet evaluate` reports, and what it was measured on.

    Attributes:
        metrics: The numbers by name, ready for JSON.
        results: The detections of every image.
        curves: Precision over recall in WIDER FACE's settings, where the data has them.
    """

    metrics: dict
    results: Results
    curves: dict[str, Curve] = dataclasses.field(default_factory=dict)


def evaluate(
    detect: EdgeDetector,
    dataset: Dataset,
    chosen: Sequence[str] = (),
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
) -> Evaluation:
    """Run a detector over a data set, report nearly everything it sees, and measure that.

    Args:
        detect: The detector; from which score on it reports does not count.
        dataset: As in `measure`, as the rest.
        chosen: Classes.
        transform: Of each image.
        progress: Wraps the records.

    Returns:
        What `measure` does.

    Raises:
        DataError: As `measure`.
    """
    manifest = detect.manifest
    everything = unfiltered(detect.engine, manifest)
    names, thermal = manifest.class_names, manifest.thermal
    return measure(everything, names, dataset, chosen, transform, progress, thermal)


def measure(
    detect: Callable,
    class_names: Sequence[str],
    dataset: Dataset,
    chosen: Sequence[str] = (),
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
    thermal: Normalization | None = None,
) -> Evaluation:
    """Measure anything that detects.

    Args:
        detect: A frame, uint8 `[H, W, 3]` or thermal counts, -> `Detections` in its pixels. What
            it leaves out counts as missed.
        class_names: Names of the detector's labels.
        dataset: The images and what is in them.
        chosen: Classes to evaluate; none means all of the detector's.
        transform: Applied to each image first, for example `inversion.inverted`.
        progress: Wraps the records, to show how far the run is.
        thermal: How the detector sees thermal frames, see `Manifest.thermal`; without it images
            are read as ordinary ones.

    Returns:
        Metrics `ap`, `ap50`, `ap75`, `ap_small`, `ap_medium`, `ap_large`, `ar100`, `images`,
        `skipped` (unreadable images) and `per_class` (name -> AP at overlap .5, `None` for what
        the data lacks); where images name their `dataset`, also `per_set`.

    Raises:
        DataError: Model and data share no class, or there is no readable image.
    """
    classes = meet(class_names, dataset.class_names, chosen)
    results = detect_all(detect, dataset, classes, transform, progress, thermal)
    metrics = {**_coco(results), "skipped": results.skipped}
    sets = sorted({record.dataset for record in results.records} - {""})
    if sets:
        metrics["per_set"] = {name: _of_set(results.of_dataset(name)) for name in sets}
    return Evaluation(metrics, results)


def _coco(results):
    return coco_metrics(
        results.detections, results.records, len(results.class_names), results.class_names
    )


def _of_set(results):
    metrics = _coco(results)
    return {"ap50": metrics["ap50"], "per_class": metrics["per_class"]}
