"""Evaluate a detector that follows objects: what `detect --track` reports, by sequence."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.detections import TENTATIVE
from edgedet.errors import DataError
from edgedet.evaluation.class_map import ClassMap, meet
from edgedet.evaluation.results import Results, detect_all, unchanged
from edgedet.metrics import coco_metrics
from edgedet.metrics.tracking import sequence_metrics
from edgedet.runtime import EdgeDetector
from edgedet.runtime.tracking import TrackedStream

log = logging.getLogger(__name__)


def evaluate_tracking(
    detect: EdgeDetector,
    sequences: Sequence[Dataset],
    chosen: Sequence[str] = (),
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
    dense: bool = False,
) -> dict:
    """Run a detector with a new tracker over each sequence, and measure what comes out.

    Tracks of classes that a sequence does not label do not count there. Average precision is that
    of all reported tracks, the others' numbers that of tracks which are no longer tentative.

    Args:
        detect: Finds objects, and reports from a certain score on.
        sequences: One data set each, frames in order, records with `track_ids`.
        chosen: Classes to evaluate; none means all of the detector's. A sequence that shows none
            of them is left out.
        transform: Applied to each frame first.
        progress: Wraps the records of a sequence, to show how far the run is.
        dense: Compute every frame in full, also where the file could do with less.

    Returns:
        `ap50`, `mota`, `idf1`, `idsw`, `compute` (share of the multiplications of computing every
        frame in full), `images`, `skipped`, and `sequences` (name -> the same).

    Raises:
        DataError: The detector knows no class that a sequence shows.
    """
    followed, spent = {}, {}
    for dataset, classes in _meeting(detect.manifest.class_names, sequences, chosen):
        follow, thermal = _Follower(TrackedStream(detect, dense)), detect.manifest.thermal
        results = detect_all(follow, dataset, classes, transform, progress, thermal)
        name = dataset.records[0].dataset
        followed[name], spent[name] = results, follow.spent
    tracked, each = sequence_metrics({name: _sure(results) for name, results in followed.items()})
    return {
        **_metrics(list(followed.values()), tracked, sum(spent.values(), [])),
        "sequences": {
            name: _metrics([followed[name]], each[name], spent[name]) for name in followed
        },
    }


def _meeting(class_names, sequences, chosen):
    """Return the sequences that can be measured, with the classes that each of them labels."""
    pairs, errors = [], []
    for dataset in sequences:
        try:
            classes = meet(class_names, dataset.class_names, chosen)
        except DataError as error:
            log.warning("%s is left out: it shows %s.", dataset.source, *dataset.class_names)
            errors.append(error)
            continue
        pairs.append((dataset, _only_labelled(classes)))
    if not pairs:
        raise errors[0]
    return pairs


def _only_labelled(classes: ClassMap) -> ClassMap:
    labelled = np.isin(classes.from_model, classes.from_data)
    return dataclasses.replace(classes, from_model=np.where(labelled, classes.from_model, -1))


class _Follower:
    """Follows one stream, and notes the share of a dense frame that each frame cost."""

    def __init__(self, stream: TrackedStream):
        self._stream, self.spent = stream, []

    def __call__(self, image):
        tracks, _ = self._stream.timed(image, len(self.spent))
        self.spent.append(self._stream.activity.compute)
        return tracks


def _sure(results: Results):
    return [found[found.states != TENTATIVE] for found in results.detections], results.records


def _metrics(parts: Sequence[Results], tracked: dict, spent: Sequence[float]) -> dict:
    found = [tracks for part in parts for tracks in part.detections]
    records = [record for part in parts for record in part.records]
    names = parts[0].class_names
    return {
        "ap50": coco_metrics(found, records, len(names), names)["ap50"],
        **tracked,
        "compute": float(np.mean(spent)),
        "images": len(records),
        "skipped": sum(part.skipped for part in parts),
    }
