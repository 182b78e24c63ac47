"""How far off the boxes of a model really are, beside how far it expects them to be."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence

from edgedet import outputs
from edgedet.data.record import Dataset
from edgedet.errors import DataError
from edgedet.evaluation.class_map import meet
from edgedet.evaluation.results import detect_all
from edgedet.evaluation.uncertainty import joined, side_errors
from edgedet.export.inputs import chosen_subset
from edgedet.manifest import Manifest
from edgedet.runtime.detector import EdgeDetector

# Training images that the factor is measured on.
IMAGES = 400

log = logging.getLogger(__name__)


def with_measured_std(
    manifest: Manifest, engine: Callable, datasets: Sequence[Dataset], seed: int = 0
) -> Manifest:
    """Return a manifest whose `box_std_scale` makes uncertainties as large as the errors are.

    It is the one number that makes 68 % of the sides lie within their standard deviation. A model
    that says nothing of uncertainty, or finds nothing, keeps its manifest.

    Args:
        manifest: Of the model.
        engine: Runs the network.
        datasets: Training sets, from which the factor is measured.
        seed: Chooses the images.
    """
    if outputs.of_role(manifest.kinds, outputs.LOG_VARIANCE) is None or not datasets:
        return manifest
    detect = EdgeDetector(engine, manifest)
    share = -(-IMAGES // len(datasets))
    found = [_results(detect, chosen_subset(dataset, share, seed)) for dataset in datasets]
    try:
        sides = joined([side_errors(results, manifest.min_score) for results in found])
    except DataError as error:
        log.warning("the uncertainty of boxes is left as it is: %s", error)
        return manifest
    log.info("%.0f %% of the sides are within their standard deviation before it is multiplied by "
             "%.2f", 100 * sides.coverage, sides.scale)  # fmt: skip
    return dataclasses.replace(manifest, box_std_scale=manifest.box_std_scale * sides.scale)


def _results(detect, dataset):
    manifest = detect.manifest
    classes = meet(manifest.class_names, dataset.class_names)
    return detect_all(detect, dataset, classes, thermal=manifest.thermal)
