"""SparseDetector: an EdgeDetector of one stream that computes where something happens."""

from __future__ import annotations

import time

import numpy as np

from edgedet.detections import Detections
from edgedet.geometry.letterbox import Letterbox
from edgedet.runtime.activity import Activity
from edgedet.runtime.detector import STEPS, EdgeDetector
from edgedet.runtime.preprocess import as_bands, preprocess
from edgedet.runtime.sparse.events import Events
from edgedet.runtime.sparse.gate import Gate
from edgedet.runtime.sparse.partial_input import renew
from edgedet.runtime.sparse.prediction import PART, Prediction
from edgedet.runtime.sparse.staged import FeatureMaps, StagedNetwork
from edgedet.runtime.sparse.watch import Watch

# Frames, ten seconds of a camera, after which everything was computed anew. Windows with their
# halos cost one and a half dense frames in that time: .6 % of computing them all.
REFRESH_INTERVAL = 250


class SparseDetector:
    """Finds objects in the frames of one stream; what did not change is not computed again.

    The first frame is computed in full, and so is the first of another size and each in which so
    much changes that windows would save little; where that goes on, as with a camera that moves,
    most frames are not even looked at. Where nothing changes, nothing of the network runs, and what
    was found before stands. All memory is in here, so every stream has a detector of its own; they
    may share a network.

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
        interval = detect.refresh_interval or REFRESH_INTERVAL
        self._watch = Watch(self._network, gate or _usual_gate(detect), interval)
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
        look, spent = self._watch(frame), 0
        if look.cells.any():
            spent = self._compute(frame, look, clock)
        else:
            clock += [time.perf_counter()] * 3
        compute = (look.macs + spent) / self._network.macs
        self.activity = Activity(compute, look.cells, self._network.input_size)
        spans = [end - start for start, end in zip(clock, clock[1:], strict=False)]
        milliseconds = [1e3 * span for span in (*spans, clock[-1] - clock[0])]
        return self._detections, dict(zip(STEPS, milliseconds, strict=True))

    def _compute(self, frame, look, clock):
        """Compute what is to be computed, and return the multiplications."""
        letterbox = self._prepare(frame, look.windows)
        clock.append(time.perf_counter())
        if look.remembered:
            spent = self._features.update(self._images, look.windows)
            raw = self._features.raw()
        else:
            spent, raw = self._network.macs, self._detect.engine(self._images)
        clock.append(time.perf_counter())
        self._detections = self._detect.postprocess(raw, letterbox, frame.shape[:2])
        clock.append(time.perf_counter())
        return spent

    def _prepare(self, frame, windows):
        """Scale a frame to the network input, at least where windows look."""
        facts = self._detect.manifest
        if windows is None or facts.thermal:
            self._images, letterbox = preprocess(
                frame, facts.input_size, facts.bands, facts.thermal
            )
            return letterbox
        for window in windows:
            renew(self._images, frame, *self._network.seen(window))
        return Letterbox.fit(frame.shape[:2], facts.input_size)


def _usual_gate(detect):
    weights = detect.parts.get(PART)
    return Events() if weights is None else Prediction(weights)
