"""WIDER FACE's official lists: which faces count as easy, medium and hard.

Yang et al. 2016, https://arxiv.org/abs/1511.06523; the lists come with its evaluation tools.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from edgedet.errors import DAMAGE, DataError, MissingExtraError
from edgedet.metrics.names import WIDER_FACE_SETTINGS


@dataclasses.dataclass(frozen=True)
class Faces:
    """The faces of one image, as the official lists give them.

    Attributes:
        boxes: float64 `[G, 4]`, xyxy, pixels of the original image.
        valid: bool `[G]`; False for a face flagged invalid.
        counted: Setting -> bool `[G]`, True for a face that it counts.
    """

    boxes: np.ndarray
    valid: np.ndarray
    counted: dict[str, np.ndarray]


def read_faces(folder: Path) -> dict[tuple[str, str], Faces]:
    """Return the faces of every image: (event, image name without suffix) -> `Faces`.

    Args:
        folder: Holds `wider_{easy,medium,hard}_val.mat` of the official evaluation tools.

    Raises:
        DataError: A list is missing or damaged.
        MissingExtraError: SciPy, which reads the lists, is not installed.
    """
    lists = {
        setting: _read_list(Path(folder) / list_name(setting)) for setting in WIDER_FACE_SETTINGS
    }
    hard = lists["hard"]
    faces = {}
    for event, row in enumerate(hard["event_list"][:, 0]):
        for index, name in enumerate(hard["file_list"][event, 0][:, 0]):
            boxes_xywh = hard["face_bbx_list"][event, 0][index, 0].astype("float64")
            invalid = hard["invalid_label_list"][event, 0][index, 0].reshape(-1)
            counted = {
                setting: _mask(content["gt_list"][event, 0][index, 0], len(boxes_xywh))
                for setting, content in lists.items()
            }
            corner = boxes_xywh[:, :2]
            boxes = np.hstack([corner, corner + boxes_xywh[:, 2:4]])
            faces[str(row[0]), str(name[0])] = Faces(boxes, invalid == 0, counted)
    return faces


def list_name(setting: str) -> str:
    """Return what the official evaluation tools call the list of a setting."""
    return f"wider_{setting}_val.mat"


def large_faces(faces: Faces, size, share: float) -> np.ndarray:
    """Return bool `[G]`: valid, on the hard list, and at least `share` of the longer side."""
    longer = (faces.boxes[:, 2:] - faces.boxes[:, :2]).max(axis=1, initial=0)
    return faces.valid & faces.counted["hard"] & (longer >= share * max(size))


def _mask(numbers, count):
    """Return MATLAB's list of positions, from 1, as a bool mask `[count]`."""
    mask = np.zeros(count, bool)
    mask[numbers.reshape(-1).astype(int) - 1] = True
    return mask


def _read_list(path):
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise MissingExtraError(
            "WIDER FACE's lists are MATLAB files, and SciPy, which reads them, is not installed.\n"
            'Install the training side: pip install "edgedet[train]"'
        ) from error
    try:
        content = loadmat(path)
        return {
            key: content[key]
            for key in ("event_list", "file_list", "face_bbx_list", "invalid_label_list", "gt_list")
        }
    except (*DAMAGE, MatReadError, OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"{path}: expected one of WIDER FACE's official lists, found none ({error}).\n"
            "Take the .mat files from the official evaluation tools, or leave --ground-truth out."
        ) from error
