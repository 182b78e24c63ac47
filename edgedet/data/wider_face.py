"""WIDER FACE: a text file that lists, per image, a path, a count and the faces.

Yang et al. 2016, http://shuoyang1213.me/WIDERFACE/
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgedet.data.record import Dataset, Record
from edgedet.errors import AnnotationError, DataError

CLASS_NAMES = ("face",)
SPLITS = ("train", "val")

# Columns of a face line: x, y, w, h, then six flags; the eighth says "invalid".
NUM_COLUMNS = 10
INVALID = 7

log = logging.getLogger(__name__)


def annotation_file(root: Path, split: str) -> Path:
    """Return where the official layout keeps the text of `split`."""
    return Path(root) / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt"


def read(root: Path, split: str) -> Dataset:
    """Return the faces of one split of a folder in the official layout.

    Args:
        root: Folder with `WIDER_train`, `WIDER_val` and `wider_face_split`.
        split: `train` or `val`.

    Raises:
        DataError: The folder has no text for the split.
        AnnotationError: The text is damaged; the message names the line.
    """
    annotations = annotation_file(root, split)
    if split not in SPLITS or not annotations.is_file():
        raise DataError(
            f"{root}: expected WIDER FACE's {annotations.name} in wider_face_split, found none.\n"
            f"The splits are {' and '.join(SPLITS)}; keep the folder as it is downloaded."
        )
    images = Path(root) / f"WIDER_{split}" / "images"
    records = list(read_records(annotations, images))
    return Dataset(records, CLASS_NAMES, (1,), str(annotations))


def read_records(annotations: Path, images: Path) -> Iterator[Record]:
    """Yield one record per image of a `wider_face_*_bbx_gt.txt` file.

    Faces flagged invalid are ignore regions; boxes without width or height are dropped and
    counted in the log.
    """
    lines = annotations.read_text(errors="replace").splitlines()
    end = (len(lines) + 1, "")
    numbered = enumerate(lines, start=1)
    dropped = 0
    for image_id, (_, name) in enumerate(numbered):
        number, count = next(numbered, end)
        if not count.strip().isdigit():
            raise AnnotationError(
                f"{annotations}:{number}: expected the number of faces in {name!r}, "
                f"found {count!r}.\nRepair the line or download the file again."
            )
        # An image without faces still has one line, all zeros.
        faces = [_parse_face(annotations, *next(numbered, end)) for _ in range(int(count) or 1)]
        faces = np.array(faces[: int(count)], "float32").reshape(-1, NUM_COLUMNS)
        sized = (faces[:, 2] > 0) & (faces[:, 3] > 0)
        dropped += int((~sized).sum())
        faces = faces[sized]
        yield Record(
            image=images / name.strip(),
            boxes=np.hstack([faces[:, :2], faces[:, :2] + faces[:, 2:4]]),
            labels=np.zeros(len(faces), "int32"),
            ignored=faces[:, INVALID].astype(bool),
            image_id=image_id,
        )
    if dropped:
        log.info("%s: dropped %d boxes without width or height", annotations.name, dropped)


def _parse_face(annotations: Path, number: int, line: str) -> list[int]:
    fields = line.split()
    if len(fields) != NUM_COLUMNS or not all(field.lstrip("-").isdigit() for field in fields):
        raise AnnotationError(
            f"{annotations}:{number}: a face has {NUM_COLUMNS} whole numbers, found {line!r}.\n"
            "Repair the line or download the file again."
        )
    return [int(field) for field in fields]
