"""One stream of frames, followed: the detector and the tracker of one camera or video."""

from __future__ import annotations

import time

import numpy as np

from edgedet.detections import Tracks
from edgedet.runtime.detector import EdgeDetector
from edgedet.runtime.tracking.tracker import Tracker

# Detections that are this much less sure than reportable ones may still continue a track.
WEAK_SHARE = 1 / 3


class TrackedStream:
    """Detects and follows the objects of one stream; every stream has one of its own.

    Args:
        detect: Says what is in a frame, and from which score on an object is worth reporting. It
            may serve several streams.
    """

    def __init__(self, detect: EdgeDetector):
        self._detect = EdgeDetector(
            detect.engine,
            detect.manifest,
            min_score=WEAK_SHARE * detect.min_score,
            iou_threshold=detect.iou_threshold,
            max_detections=detect.max_detections,
        )
        self._tracker = Tracker(min_score=detect.min_score)
        self._last_number = None

    def timed(self, frame: np.ndarray, number: int) -> tuple[Tracks, dict[str, float]]:
        """Return who is where in a frame, and the milliseconds of each stage.

        Args:
            frame: uint8 `[H, W, 3]`.
            number: Of the frame in its stream; a gap is time in which tracks move on.
        """
        detections, milliseconds = self._detect.timed(frame)
        start = time.perf_counter()
        frames = 1 if self._last_number is None else max(1, number - self._last_number)
        self._last_number = number
        tracks = self._tracker(detections, frames=frames, frame_size=frame.shape[:2])
        spent = 1e3 * (time.perf_counter() - start)
        for stage in ("postprocess", "total"):
            milliseconds[stage] += spent
        return tracks, milliseconds
