"""EdgeDetector: the whole line from a frame to detections, in one call."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from edgedet.detections import Detections
from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.letterbox import Letterbox
from edgedet.manifest import Manifest
from edgedet.parts import Weights, read_parts
from edgedet.runtime import nms
from edgedet.runtime.decode import Decoder
from edgedet.runtime.engine import Engine, LiteRTEngine
from edgedet.runtime.preprocess import preprocess

STEPS = ("preprocess", "inference", "postprocess", "total")


class EdgeDetector:
    """Finds objects in frames: `detections = detect(frame)`.

    Args:
        engine: A `LiteRTEngine`, or anything else that answers by the same names.
        manifest: What the engine takes and gives.
        min_score: Detections below it are not reported; `None` for the manifest's value.
        iou_threshold: Of two boxes of one class that overlap more, one stays; `None` likewise.
        max_detections: At most so many per frame; `None` likewise.
        refresh_interval: Frames from one full computation to the next, for a model that computes
            less in between. Still images are computed in full, so it means nothing to them.
        parts: Weights of learned helpers that its file carries, by name; see `edgedet.parts`.
    """

    def __init__(
        self,
        engine: Engine,
        manifest: Manifest,
        min_score=None,
        iou_threshold=None,
        max_detections=None,
        refresh_interval=None,
        parts: dict[str, Weights] | None = None,
    ):
        self.engine = engine
        self.manifest = manifest
        self.min_score = _chosen(min_score, manifest.min_score)
        self.iou_threshold = _chosen(iou_threshold, manifest.iou_threshold)
        self.max_detections = _chosen(max_detections, manifest.max_detections)
        for name in ("min_score", "iou_threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected 0 to 1, received {getattr(self, name)}.")
        if refresh_interval is not None and refresh_interval < 1:
            raise ValueError(f"refresh_interval: expected 1 or more, received {refresh_interval}.")
        self.refresh_interval = refresh_interval
        self.parts = parts or {}
        self._decode = Decoder(manifest, self.min_score)

    @classmethod
    def load(
        cls, path: Path, threads=1, min_score=None, iou_threshold=None, refresh_interval=None
    ) -> EdgeDetector:
        """Return the detector of a .tflite file.

        Args:
            path: A file written by `edgedet export`.
            threads: CPU threads.
            min_score: As in the constructor.
            iou_threshold: As in the constructor.
            refresh_interval: As in the constructor.

        Raises:
            ManifestError: The file is missing or carries no manifest.
            ModelError: The file cannot be run, does not fit its manifest, or a part is damaged.
            MissingExtraError: No interpreter is installed.
        """
        manifest = Manifest.read(path)
        engine = LiteRTEngine(path, manifest, threads)
        return cls(
            engine,
            manifest,
            min_score,
            iou_threshold,
            refresh_interval=refresh_interval,
            parts=read_parts(path),
        )

    def __call__(self, frame: np.ndarray) -> Detections:
        """Return what is in `frame`, uint8 `[H, W, 3]`, in its own pixels, best first.

        Raises:
            ImageError: The frame is empty, or its type or shape is another.
        """
        return self.timed(frame)[0]

    def timed(self, frame: np.ndarray) -> tuple[Detections, dict[str, float]]:
        """Return what is in `frame`, and the milliseconds that each of `STEPS` took."""
        clock = [time.perf_counter()]
        facts = self.manifest
        images, letterbox = preprocess(frame, facts.input_size, facts.bands, facts.thermal)
        clock.append(time.perf_counter())
        raw = self.engine(images)
        clock.append(time.perf_counter())
        detections = self.postprocess(raw, letterbox, frame.shape[:2])
        clock.append(time.perf_counter())
        spans = [end - start for start, end in zip(clock, clock[1:], strict=False)]
        milliseconds = [1e3 * span for span in (*spans, clock[-1] - clock[0])]
        return detections, dict(zip(STEPS, milliseconds, strict=True))

    def postprocess(self, raw: dict, letterbox: Letterbox, source_size) -> Detections:
        """Return what the raw outputs of one image say, in pixels of its source.

        Args:
            raw: float32 `[1, h_l, w_l, k]` (or without the 1) for each of `Manifest.tensors`.
            letterbox: How the source was fitted into the network input.
            source_size: (height, width) of the source.
        """
        candidates = self._decode(raw)
        kept = nms.per_class(candidates, self.iou_threshold, self.max_detections)
        boxes = candidates.boxes[kept]
        if self.manifest.box_voting and len(kept):
            boxes = nms.vote(candidates, kept, self.iou_threshold)
        boxes = box_geometry.clip(letterbox.to_source(boxes), source_size).astype("float32")
        # What lies in the padding alone has no area in the frame.
        inside = box_geometry.area(boxes) > 0
        chosen = kept[inside]
        box_std = candidates.box_std
        if box_std is not None:
            box_std = letterbox.sides_to_source(box_std[chosen]).astype("float32")
        scores, labels = candidates.scores[chosen], candidates.labels[chosen]
        domains = None if candidates.domains is None else candidates.domains[chosen]
        return Detections(boxes[inside], scores, labels, box_std, domains)


def _chosen(value, default):
    return default if value is None else value
