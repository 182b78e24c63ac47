"""The further numbers of WIDER FACE: its official settings, and faces that are large."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from edgedet.evaluation.results import Results
from edgedet.geometry.boxes import clip
from edgedet.metrics import wider_face
from edgedet.metrics.names import LARGE_FACES, WIDER_FACE
from edgedet.metrics.precision_recall import Curve
from edgedet.metrics.wider_face_lists import read_faces

log = logging.getLogger(__name__)


def wider_face_curves(results: Results, folder: Path) -> dict[str, Curve]:
    """Return a curve for each of `names.WIDER_FACE`.

    Args:
        results: Detections on images of the val split, in their original size.
        folder: The official lists (`wider_hard_val.mat` ...).

    Returns:
        No curves where the folder is missing or its lists are not about these images.
    """
    if not Path(folder).is_dir():
        log.warning(
            "%s: no official lists there, so easy, medium and hard are unknown; "
            "name their folder with --ground-truth",
            folder,
        )
        return {}
    known = read_faces(folder)
    faces = [known.get((r.image.parent.name, r.image.stem)) for r in results.records]
    if not all(map(_same, faces, results.records, results.sizes)):
        log.warning("%s: these lists are not about these images in this size", folder)
        return {}
    curves = wider_face.setting_curves(results.detections, faces)
    for name, share in LARGE_FACES.items():
        curves[name] = wider_face.large_face_curve(results.detections, faces, results.sizes, share)
    return curves


def wider_face_metrics(curves: dict[str, Curve]) -> dict[str, float | None]:
    """Return the average precision of each curve; `None` where there is no curve."""
    return {name: curves[name].average(None) if name in curves else None for name in WIDER_FACE}


def _same(faces, record, size):
    """Return whether every annotated box is in the lists, to a pixel: the image is not resized."""
    if faces is None:
        return False
    listed, annotated = clip(faces.boxes, size), clip(record.boxes, size)
    apart = np.abs(listed[None] - annotated[:, None]).max(axis=-1)
    return bool((apart <= 1).any(axis=1).all())
