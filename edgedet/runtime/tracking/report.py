"""What a tracker says of its tracks: those that are believed, and what became of them."""

from __future__ import annotations

import numpy as np

from edgedet.detections import COASTING, MATCHED, TENTATIVE, Tracks
from edgedet.geometry import boxes as box_geometry
from edgedet.runtime.tracking.confidence import to_score
from edgedet.runtime.tracking.table import TrackTable

# What overlaps a detected object of its class this much is the same object once more.
SAME = 0.5


def report(tracks: TrackTable, boxes: np.ndarray, is_seen, believed, has_std: bool) -> Tracks:
    """Return the tracks that are worth showing, surest first.

    A guess without a detection is, for objects, and where nothing else is.

    Args:
        tracks: T tracks, where they are expected in this frame.
        boxes: Their boxes inside the frame, `[T, 4]` xyxy.
        is_seen: bool `[T]`, detected in it.
        believed: bool `[T]`, to be there.
        has_std: Say how unsure each side is.
    """
    shown = believed & (is_seen | (tracks.confirmed & ~_covered(tracks.labels, boxes, is_seen)))
    order = np.flatnonzero(shown)
    order = order[np.argsort(-tracks.log_odds[order], kind="stable")]
    tracks, is_seen = tracks[order], is_seen[order]
    states = np.where(is_seen, np.where(tracks.confirmed, MATCHED, TENTATIVE), COASTING)
    return Tracks(
        boxes[order].astype("float32"),
        to_score(tracks.log_odds).astype("float32"),
        tracks.labels,
        tracks.motion.box_std().astype("float32") if has_std else None,
        track_ids=tracks.ids,
        states=states,
    )


def _covered(labels, boxes, is_seen):
    """Return bool `[T]`: the box lies where a detected track of its class is."""
    same = box_geometry.pairwise_iou(boxes, boxes[is_seen]) > SAME
    return (same & (labels[:, None] == labels[is_seen])).any(axis=1)
