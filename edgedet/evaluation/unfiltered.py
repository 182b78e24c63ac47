"""A detector as it is measured: a curve needs the doubtful detections too."""

from __future__ import annotations

from edgedet.manifest import Manifest
from edgedet.runtime import EdgeDetector
from edgedet.runtime.engine import Engine

# Far below what a device would report; what a detector leaves out counts as missed.
MIN_SCORE = 0.01
MAX_DETECTIONS = 300


def unfiltered(engine: Engine, manifest: Manifest) -> EdgeDetector:
    """Return the detector that reports nearly everything the engine sees.

    Args:
        engine: What answers.
        manifest: What its answers mean; its `min_score` and `max_detections` do not count.
    """
    return EdgeDetector(engine, manifest, MIN_SCORE, max_detections=MAX_DETECTIONS)
