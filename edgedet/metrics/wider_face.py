"""WIDER FACE's own protocol: easy, medium and hard faces, and large ones.

A detection belongs to the face that it overlaps most. One on a face that the setting does not
count is left out; a second one on the same face is a false alarm. Boxes include their last pixel,
and the curve has 1,000 points, at equal steps between the worst and the best score of all images.

Yang et al. 2016, https://arxiv.org/abs/1511.06523; the lists come with its evaluation tools.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from edgedet.geometry.boxes import EPSILON
from edgedet.metrics.names import WIDER_FACE_SETTINGS
from edgedet.metrics.precision_recall import Curve
from edgedet.metrics.wider_face_lists import Faces, large_faces

IOU_THRESHOLD = 0.5
NUM_THRESHOLDS = 1000


@dataclasses.dataclass(frozen=True)
class _Matches:
    """What became of an image's detections: the face each is on, whatever the setting."""

    scores: np.ndarray  # [D], falling.
    face: np.ndarray  # [D], the face it overlaps most.
    hit: np.ndarray  # bool [D], whether it overlaps that face enough.


def setting_curves(detections: Sequence, faces: Sequence[Faces]) -> dict[str, Curve]:
    """Return the official curve of each setting, over the images given.

    Args:
        detections: One `Detections` per image.
        faces: The official faces of the same images.
    """
    matches = [_match(found, there) for found, there in zip(detections, faces, strict=True)]
    scores = np.concatenate([np.zeros(0), *(found.scores for found in detections)])
    thresholds = _thresholds(scores)
    return {
        setting: _official_curve(matches, [there.counted[setting] for there in faces], thresholds)
        for setting in WIDER_FACE_SETTINGS
    }


def large_face_curve(
    detections: Sequence, faces: Sequence[Faces], sizes: Sequence, share: float
) -> Curve:
    """Return the whole curve over faces that are large in their image.

    Args:
        detections: One `Detections` per image.
        faces: The official faces of the same images.
        sizes: (height, width) of each image.
        share: A face counts when its longer side is at least this share of the image's longer
            side; smaller ones, invalid ones and those off the hard list are left out.
    """
    matches = [_match(found, there) for found, there in zip(detections, faces, strict=True)]
    counted = [large_faces(there, size, share) for there, size in zip(faces, sizes, strict=True)]
    scores, right = _outcomes(matches, counted)
    return Curve.from_outcomes(scores, right, sum(int(mask.sum()) for mask in counted))


def _match(found, faces):
    order = np.argsort(-np.asarray(found.scores, "float64"), kind="stable")
    scores = np.asarray(found.scores, "float64")[order]
    if not len(faces.boxes):
        # The official code skips an image without faces, whatever was detected there.
        return _Matches(np.zeros(0), np.zeros(0, int), np.zeros(0, bool))
    overlaps = _iou_of_pixels(np.asarray(found.boxes, "float64")[order], faces.boxes)
    return _Matches(scores, overlaps.argmax(axis=1), overlaps.max(axis=1) >= IOU_THRESHOLD)


def _iou_of_pixels(a, b):
    """Return `[D, G]` overlaps of boxes that include their last pixel, so sides are one longer."""
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.maximum(sides + 1, 0).prod(axis=-1)
    area_a, area_b = ((boxes[:, 2:] - boxes[:, :2] + 1).prod(axis=-1) for boxes in (a, b))
    return shared / np.maximum(area_a[:, None] + area_b[None] - shared, EPSILON)


def _official_curve(matches, counted, thresholds):
    scores, right = _outcomes(matches, counted)
    objects = sum(int(mask.sum()) for mask in counted)
    order = np.argsort(-scores, kind="stable")
    reported = np.searchsorted(-scores[order], -thresholds, side="right")
    hits = np.append(0, np.cumsum(right[order]))[reported]
    return Curve(hits / max(objects, 1), hits / np.maximum(reported, 1), thresholds, objects)


def _thresholds(scores):
    """Return `NUM_THRESHOLDS` equal steps from just below the best score down to the worst.

    The official code stretches the scores to [0, 1] instead; so they keep their meaning.
    """
    low, high = scores.min(initial=1.0), scores.max(initial=0.0)
    share = 1 - np.arange(1, NUM_THRESHOLDS + 1) / NUM_THRESHOLDS
    return np.minimum(low + share * (high - low), high)


def _outcomes(matches, counted):
    """Return the scores and whether each is right, without those on faces that do not count."""
    scores, right = [np.zeros(0)], [np.zeros(0, bool)]
    for match, mask in zip(matches, counted, strict=True):
        on_counted = match.hit & mask[match.face] if len(mask) else match.hit
        first = np.zeros(len(match.hit), bool)
        candidates = np.flatnonzero(on_counted)
        first[candidates[np.unique(match.face[candidates], return_index=True)[1]]] = True
        kept = on_counted | ~match.hit
        scores.append(match.scores[kept])
        right.append(first[kept])
    return np.concatenate(scores), np.concatenate(right)
