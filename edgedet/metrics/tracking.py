"""Who is who: CLEAR MOT's accuracy, identity F1 and identity switches, by py-motmetrics itself.

MOTA: Bernardin and Stiefelhagen 2008, https://doi.org/10.1155/2008/246309
IDF1: Ristani et al. 2016, https://arxiv.org/abs/1609.01775
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from edgedet.geometry.boxes import pairwise_iou

# Our keys -> py-motmetrics' names.
NUMBERS = {"mota": "mota", "idf1": "idf1", "idsw": "num_switches"}
COUNTS = ("idsw",)
OVERALL = "OVERALL"


def tracking_metrics(tracks: Iterable, truths: Iterable, iou_threshold: float = 0.5) -> dict:
    """Return the tracking numbers of one sequence, frame by frame in order.

    Args:
        tracks: One per frame, with `boxes` `[D, 4]` xyxy and `track_ids` `[D]`, such as `Tracks`.
        truths: One per frame, likewise, such as `Record`; what its `ignored` marks, if it has
            it, is left out. Labels are not looked at: pass tracks and objects of one class.
        iou_threshold: Least overlap of a track with its object.

    Returns:
        `mota` and `idf1` (at most 1; `None` without objects), `idsw` (how often an object
        changed its track).

    Raises:
        ImportError: motmetrics is not installed.
    """
    return sequence_metrics({"": (tracks, truths)}, iou_threshold)[0]


def sequence_metrics(
    sequences: Mapping[str, tuple[Sequence, Sequence]], iou_threshold: float = 0.5
) -> tuple[dict, dict[str, dict]]:
    """Return the tracking numbers of several sequences together, and of each.

    Args:
        sequences: Name -> (tracks, truths), as for `tracking_metrics`.
        iou_threshold: Least overlap of a track with its object.

    Returns:
        The numbers over all objects of all sequences, and name -> numbers.
    """
    import motmetrics

    histories = [_history(*pair, iou_threshold) for pair in sequences.values()]
    table = motmetrics.metrics.create().compute_many(
        histories,
        metrics=list(NUMBERS.values()),
        names=list(sequences),
        generate_overall=True,
    )
    numbers = {name: _numbers(table.loc[name]) for name in (OVERALL, *sequences)}
    return numbers.pop(OVERALL), numbers


def _history(tracks, truths, iou_threshold):
    """Return what happened, as py-motmetrics keeps it: distances are 1 - IoU, NaN if too far."""
    import motmetrics

    history = motmetrics.MOTAccumulator(auto_id=True)
    for found, truth in zip(tracks, truths, strict=True):
        boxes, identities = _counted(truth)
        overlaps = pairwise_iou(boxes, np.asarray(found.boxes, "float64"))
        # Within rounding, a pair at the threshold itself counts, as in the official script.
        distances = np.where(overlaps < iou_threshold, np.nan, 1 - overlaps)
        history.update(identities, np.asarray(found.track_ids), distances)
    return history


def _counted(truth):
    ignored = getattr(truth, "ignored", None)
    counted = np.ones(len(truth.boxes), bool) if ignored is None else ~np.asarray(ignored, bool)
    return np.asarray(truth.boxes, "float64")[counted], np.asarray(truth.track_ids)[counted]


def _numbers(row):
    values = {key: float(row[name]) for key, name in NUMBERS.items()}
    return {
        key: None if not np.isfinite(value) else int(value) if key in COUNTS else value
        for key, value in values.items()
    }
