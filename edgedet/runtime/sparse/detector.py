"""SparseDetector: an EdgeDetector of one stream that computes where something happens."""

from __future__ import annotations

import time

import numpy as np

from edgedet.detections import Detections
from edgedet.runtime.activity import Activity
from edgedet.runtime.detector import STEPS, EdgeDetector
from edgedet.runtime.preprocess import as_bands, preprocess
from edgedet.runtime.sparse.events import Events
from edgedet.runtime.sparse.freshness import Freshness
from edgedet.runtime.sparse.gate import Gate
from edgedet.runtime.sparse.grid import CellGrid
from edgedet.runtime.sparse.prediction import PART, Prediction
from edgedet.runtime.sparse.staged import FeatureMaps, StagedNetwork
from edgedet.runtime.sparse.windows import plan

# Frames, ten seconds of a camera, after which everything was computed anew. Windows with their
# halos cost one and a half dense frames in that time: .6 % of computing them all.
REFRESH_INTERVAL = 250


class SparseDetector:
    """Finds objects in the frames of one stream; what did not change is not computed again.

    The first frame is computed in full, and so is the first of another size and each in which the
    gate sees another scene. Where nothing changes, nothing of the network runs, and what was found
    before stands. All memory is in here, so every stream has a detector of its own; they may share
    a network.

    Args:
        detect: What is found in a frame, and how it is reported; its file was exported with
            stages. Its `refresh_interval` is the number of frames after which every part is
            computed again, changed or not.
        network: The stages of its file; `None` opens them.
        gate: Decides where to compute; `None` is the predictor that the file carries, or `Events`
            for a file without one.

    Attributes:
        activity: What was computed of the last frame; the gate's multiplications count too.

    Raises:
        ModelError: The file lacks a stage that its manifest promises.
    """

    def __init__(
        self,
        detect: EdgeDetector,
        network: StagedNetwork | None = None,
        gate: Gate | None = None,
    ):
        self._detect = detect
        self._network = network or StagedNetwork(detect.engine, detect.manifest)
        self._gate = gate or _usual_gate(detect)
        self._interval = detect.refresh_interval or REFRESH_INTERVAL
        self._grid = None
        self._features = FeatureMaps(self._network)
        self._detections = Detections.empty()
        self.activity = Activity()

    @staticmethod
    def supports(detect: EdgeDetector) -> bool:
        """Return whether a detector's file was exported with stages."""
        return bool(detect.manifest.stages)

    def __call__(self, frame: np.ndarray) -> Detections:
        """Return what is in the next frame; see `EdgeDetector`."""
        return self.timed(frame)[0]

    def timed(self, frame: np.ndarray) -> tuple[Detections, dict[str, float]]:
        """Return what is in the next frame, and the milliseconds that each step took.

        Raises:
            ImageError: The frame is empty, or its type or shape is another.
        """
        clock = [time.perf_counter()]
        frame = as_bands(frame, self._detect.manifest.bands)
        active = self._active(frame)
        windows = plan(active, self._network.cost)
        if windows is None:
            active = np.ones_like(active)
            self._freshness.restart()
        spent = self._gate.macs
        if active.any():
            spent += self._compute(frame, windows, clock)
        else:
            clock += [time.perf_counter()] * 3
        self.activity = Activity(spent / self._network.macs, active, self._network.input_size)
        spans = [end - start for start, end in zip(clock, clock[1:], strict=False)]
        milliseconds = [1e3 * span for span in (*spans, clock[-1] - clock[0])]
        return self._detections, dict(zip(STEPS, milliseconds, strict=True))

    def _active(self, frame):
        """Return the cells to compute: where the gate sees something, and old ones."""
        size = frame.shape[:2]
        if self._grid is None or self._grid.frame_size != size:
            self._grid = CellGrid(size, self._network.input_size, self._network.cell)
            self._freshness = Freshness(self._grid.shape, self._interval)
            self._gate(frame, self._grid)
            return np.ones(self._grid.shape, bool)
        return self._gate(frame, self._grid) | self._freshness.due()

    def _compute(self, frame, windows, clock):
        """Compute windows, remember what is found, and return the multiplications."""
        facts = self._detect.manifest
        images, letterbox = preprocess(frame, facts.input_size, facts.bands, facts.thermal)
        clock.append(time.perf_counter())
        spent = self._features.update(images, windows)
        raw = self._features.raw()
        clock.append(time.perf_counter())
        self._detections = self._detect.postprocess(raw, letterbox, frame.shape[:2])
        clock.append(time.perf_counter())
        return spent


def _usual_gate(detect):
    weights = detect.parts.get(PART)
    return Events() if weights is None else Prediction(weights)
