"""Verification: the file and the network give the same answers, or the export fails."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.detections import Detections
from edgedet.errors import ExportError
from edgedet.evaluation import Results, evaluate
from edgedet.manifest import Manifest
from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.matching import RIGHT, match
from edgedet.runtime import EdgeDetector
from edgedet.runtime.engine import Engine

# Rounding of float32 in another order of summation stays far below.
MAX_ERROR = 1e-3
MAX_AP50_LOSS = 0.03
MIN_PARTNERED = 0.95
PARTNER_IOU = 0.75
# A partner may be less certain than the detection that it stands for, down to this part of the
# score from which detections are reported.
PARTNER_SCORE = 0.5
# 0.53 - 0.50 is a little more than 0.03 in binary.
ROUNDING = 1e-9

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Parity:
    """How closely a file answers as its network does.

    Attributes:
        max_error: Largest difference in any raw output.
        ap50_network: AP at overlap .5 on training images, mean over the sets, or `None`
            where it was not measured.
        ap50_file: The same of the file.
        detections: Number of detections that the network reports on these images.
        partnered: How many of them the file finds too.
    """

    max_error: float
    ap50_network: float | None = None
    ap50_file: float | None = None
    detections: int = 0
    partnered: int = 0

    @property
    def is_partnered(self) -> bool:
        """Whether the file finds nearly all that the network does."""
        return self.partnered >= MIN_PARTNERED * self.detections

    @property
    def is_accurate(self) -> bool:
        """Whether the file is nearly as accurate as the network, where that was measured."""
        if None in (self.ap50_network, self.ap50_file):
            return True
        return self.ap50_network - self.ap50_file <= MAX_AP50_LOSS + ROUNDING

    @property
    def is_faithful(self) -> bool:
        """Whether the file may stand for the network."""
        return self.is_partnered and self.is_accurate

    @property
    def worth(self) -> tuple[bool, float]:
        """What makes one file better than another of the same network, most important first."""
        return self.is_faithful, self.ap50_file or 0.0


def compare_outputs(network_engine: Engine, file_engine: Engine, images: np.ndarray) -> float:
    """Return the largest difference in any raw output.

    Args:
        network_engine: Of the Keras network.
        file_engine: Of the file.
        images: uint8 `[N, h, w, bands]`.
    """
    expected, found = network_engine(images), file_engine(images)
    return max(float(np.abs(expected[name] - found[name]).max()) for name in found)


def compare_detections(
    network_engine: Engine, file_engine: Engine, manifest: Manifest, datasets: Sequence[Dataset]
) -> Parity:
    """Return how the detections on annotated images compare; `max_error` is not measured.

    A detection of the network with at least the manifest's `min_score` is partnered when the
    file has one of the same label, of at least `PARTNER_SCORE` times that score, that overlaps
    it by `PARTNER_IOU` or more. The best detection chooses first, and takes the free one that
    it overlaps most.

    Args:
        network_engine: Of the Keras network.
        file_engine: Of the file.
        manifest: What both mean.
        datasets: The images, and what is in them.
    """
    detectors = [EdgeDetector(engine, manifest) for engine in (network_engine, file_engine)]
    ap50s, counts = [], []
    for dataset in datasets:
        expected, found = (evaluate(detect, dataset) for detect in detectors)
        ap50s.append((expected.metrics["ap50"], found.metrics["ap50"]))
        counts.append(_partners(expected.results, found.results, manifest))
    ap50_network, ap50_file = (_mean(values) for values in zip(*ap50s, strict=True))
    detections, partnered = (sum(values) for values in zip(*counts, strict=True))
    return Parity(np.nan, ap50_network, ap50_file, detections, partnered)


def mean_ap50(engine: Engine, manifest: Manifest, datasets: Sequence[Dataset]) -> float:
    """Return the mean over data sets of AP50."""
    detect = EdgeDetector(engine, manifest)
    return _mean([evaluate(detect, dataset).metrics["ap50"] for dataset in datasets])


def require_parity(parity: Parity, exact: bool) -> None:
    """Refuse a file whose answers differ too much.

    Args:
        parity: What was measured.
        exact: The file computes in float32, so its raw outputs must be the network's.

    Raises:
        ExportError: Holds the numbers.
    """
    if exact and not parity.max_error <= MAX_ERROR:
        raise ExportError(
            f"Expected raw outputs within {MAX_ERROR} of the Keras network, "
            f"found a difference of {parity.max_error:.4g}.\n"
            "An operation means something else in TFLite; export parts of the network to find it."
        )
    if not parity.is_accurate:
        raise ExportError(
            f"Expected AP50 at most {MAX_AP50_LOSS} below the network's "
            f"{parity.ap50_network:.3f}, found {parity.ap50_file:.3f}.\n" + _CURE
        )
    if not parity.is_partnered:
        raise ExportError(
            f"Expected {MIN_PARTNERED:.0%} of the network's {parity.detections} detections in "
            f"the file at an overlap of {PARTNER_IOU}, found {parity.partnered} "
            f"({parity.partnered / parity.detections:.1%}).\n" + _CURE
        )


_CURE = (
    "Calibrate on images like the camera's (--data), train with quantization in mind, "
    "or export with --float."
)


def _partners(expected: Results, found: Results, manifest) -> tuple[int, int]:
    """Return how many detections there are to find, and how many are found."""
    wanted = expected.reported(manifest.min_score)
    offered = found.reported(PARTNER_SCORE * manifest.min_score)
    partnered = sum(_partnered(w, o) for w, o in zip(wanted, offered, strict=True))
    return sum(map(len, wanted)), partnered


def _partnered(wanted: Detections, offered: Detections) -> int:
    right = 0
    for label in np.unique(wanted.labels):
        rivals = GroundTruth.of(offered[offered.labels == label])
        outcomes, _ = match(wanted[wanted.labels == label], rivals, PARTNER_IOU)
        right += int((outcomes == RIGHT).sum())
    return right


def _mean(values):
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
