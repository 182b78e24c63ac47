"""One stream of frames, followed: the detector and the tracker of one camera or video."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from edgedet.detections import Tracks
from edgedet.parts import Weights
from edgedet.runtime.activity import Activity
from edgedet.runtime.detector import EdgeDetector
from edgedet.runtime.sparse import SparseDetector
from edgedet.runtime.tracking.confidence import Evidence
from edgedet.runtime.tracking.memory import ObjectMemory
from edgedet.runtime.tracking.tracker import Tracker

# Detections that are this much less sure than reportable ones may still continue a track.
WEAK_SHARE = 1 / 3
# Frames without any change after which tracks are what they will be: confirmed, at rest, or gone.
SETTLED = 4
# The parts of a model file that hold the weights of its object memory, and what its scores mean.
MEMORY, EVIDENCE = "memory", "evidence"


class TrackedStream:
    """Detects and follows the objects of one stream; every stream has one of its own.

    Where nothing changed, what was found before is what is seen: an object that stands still is
    matched and not coasting, since its pixels were looked at.

    Args:
        detect: Says what is in a frame, and from which score on an object is worth reporting. It
            may serve several streams.
        dense: Compute every frame in full, also where the file could do with less.

    Raises:
        ModelError: The file lacks a stage that its manifest promises.
    """

    def __init__(self, detect: EdgeDetector, dense: bool = False):
        weak = EdgeDetector(
            detect.engine,
            detect.manifest,
            min_score=WEAK_SHARE * detect.min_score,
            iou_threshold=detect.iou_threshold,
            max_detections=detect.max_detections,
            refresh_interval=detect.refresh_interval,
            parts=detect.parts,
        )
        self._sparse = None if dense or not SparseDetector.supports(weak) else SparseDetector(weak)
        self._detect = self._sparse or weak
        self._tracker = Tracker(min_score=detect.min_score, **tracking_helpers(detect.parts))
        self._last_number = self._detections = None
        self._tracks, self._still = Tracks.empty(), 0
        self._macs, self._spent = sum(stage.macs for stage in detect.manifest.stages), 0

    @property
    def activity(self) -> Activity:
        """What was computed of the last frame; the tracker's multiplications count too."""
        activity = Activity() if self._sparse is None else self._sparse.activity
        # Of a file that does not say what it costs, they are not worth a look into it.
        share = self._spent / self._macs if self._macs else 0.0
        return dataclasses.replace(activity, compute=activity.compute + share)

    def timed(self, frame: np.ndarray, number: int) -> tuple[Tracks, dict[str, float]]:
        """Return who is where in a frame, and the milliseconds of each step.

        Args:
            frame: uint8 `[H, W, 3]`.
            number: Of the frame in its stream; a gap is time in which tracks move on.
        """
        detections, milliseconds = self._detect.timed(frame)
        self._still = self._still + 1 if detections is self._detections else 0
        self._detections = detections
        start = time.perf_counter()
        frames = 1 if self._last_number is None else max(1, number - self._last_number)
        self._last_number = number
        if self._still > SETTLED:
            self._spent = 0
            return self._tracks, milliseconds
        self._tracks = self._tracker(detections, frames, frame.shape[:2], frame)
        self._spent = self._tracker.macs
        spent = 1e3 * (time.perf_counter() - start)
        for stage in ("postprocess", "total"):
            milliseconds[stage] += spent
        return self._tracks, milliseconds


def tracking_helpers(parts: dict[str, Weights]) -> dict:
    """Return what a model file teaches its tracker: the `memory` and `evidence` of a `Tracker`."""
    helpers = {}
    if MEMORY in parts:
        helpers[MEMORY] = ObjectMemory(parts[MEMORY])
    if EVIDENCE in parts:
        helpers[EVIDENCE] = Evidence(**{name: float(v) for name, v in parts[EVIDENCE].items()})
    return helpers
