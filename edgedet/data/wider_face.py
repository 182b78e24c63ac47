"""WIDER FACE: a text file that lists, per image, a path, a count and the faces.

Yang et al. 2016, http://shuoyang1213.me/WIDERFACE/
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgedet.data.image_files import ImageFiles
from edgedet.data.record import WIDER_FACE, Dataset, Record
from edgedet.data.splits import SPLITS
from edgedet.errors import AnnotationError, DataError

CLASS_NAMES = ("face",)

# Columns of a face line: x, y, w, h, then six flags; the eighth says "invalid".
NUM_COLUMNS = 10
INVALID = 7

log = logging.getLogger(__name__)


def annotation_file(root: Path, split: str) -> Path:
    """Return where the official layout keeps the text of `split`."""
    return Path(root) / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt"


def image_folder(root: Path, split: str) -> Path:
    """Return where the official layout keeps the images of `split`."""
    return Path(root) / f"WIDER_{split}" / "images"


def splits(root: Path) -> tuple[str, ...]:
    """Return the splits that `root` has a text for; none where it is no WIDER FACE folder."""
    return tuple(split for split in SPLITS if annotation_file(root, split).is_file())


def read(root: Path, split: str) -> Dataset:
    """Return the faces of one split of a folder in the official layout.

    Images that are not there are logged with their lines, and their records kept.

    Args:
        root: Folder with `WIDER_train`, `WIDER_val` and `wider_face_split`.
        split: `train` or `val`.

    Raises:
        DataError: The folder has no text or no images for the split.
        AnnotationError: The text is damaged; the message names the line.
    """
    annotations, images = annotation_file(root, split), image_folder(root, split)
    if split not in SPLITS or not annotations.is_file():
        raise DataError(
            f"{root}: expected WIDER FACE's {annotations.name} in wider_face_split, found none.\n"
            f"The splits are {' and '.join(SPLITS)}; keep the folder as it is downloaded."
        )
    if not images.is_dir():
        raise DataError(
            f"{root}: expected the images of split {split!r} in {images}, found no such folder.\n"
            f"Unpack WIDER_{split}.zip in {root}."
        )
    records = list(read_records(annotations, images))
    return Dataset(records, CLASS_NAMES, (1,), str(annotations), WIDER_FACE)


def read_records(annotations: Path, images: Path) -> Iterator[Record]:
    """Yield one record per image of a `wider_face_*_bbx_gt.txt` file.

    Faces flagged invalid are ignore regions; boxes without width or height are dropped and
    counted in the log.
    """
    blocks = list(_blocks(annotations))
    files = ImageFiles([images]).find_all(
        [name for _, name, _ in blocks],
        [f"{annotations}:{number}" for number, _, _ in blocks],
    )
    dropped = 0
    for image_id, ((_, _, faces), image) in enumerate(zip(blocks, files, strict=True)):
        sized = faces[(faces[:, 2] > 0) & (faces[:, 3] > 0)]
        dropped += len(faces) - len(sized)
        yield Record(
            image=image,
            boxes=np.hstack([sized[:, :2], sized[:, :2] + sized[:, 2:4]]),
            labels=np.zeros(len(sized), "int32"),
            ignored=sized[:, INVALID].astype(bool),
            image_id=image_id,
        )
    if dropped:
        log.info("%s: dropped %d boxes without width or height", annotations.name, dropped)


def _blocks(annotations: Path) -> Iterator[tuple[int, str, np.ndarray]]:
    """Yield per image its line number, its path and its faces, float32 `[G, 10]`."""
    # Only line ends end a line: `str.splitlines` would also break at other characters.
    lines = Path(annotations).read_text(encoding="utf-8", errors="replace").rstrip().split("\n")
    place = 0
    while place < len(lines):
        name = lines[place].strip()
        if not name:
            place += 1
            continue
        count = _parse_count(annotations, place, lines)
        first = place + 2
        faces = [_parse_face(annotations, place, row, lines) for row in range(first, first + count)]
        yield place + 1, name, np.array(faces, "float32").reshape(-1, NUM_COLUMNS)
        # An image without faces still has one line, all zeros.
        place = first + count + (count == 0 and _is_zeros(lines[first : first + 1]))


def _parse_count(annotations: Path, place: int, lines: list[str]) -> int:
    name = lines[place].strip()
    if not os.path.splitext(name)[1]:
        raise AnnotationError(
            f"{annotations}:{place + 1}: expected the path of an image, found {_quote(name)}.\n"
            "If it is a face, the count above is too small; repair it or download the file again."
        )
    found = lines[place + 1].strip() if place + 1 < len(lines) else None
    if found is None or not (found.isascii() and found.isdigit()):
        raise AnnotationError(
            f"{annotations}:{place + 2}: expected the number of faces in {name!r}, "
            f"found {_quote(found)}.\nRepair the line or download the file again."
        )
    return int(found)


def _parse_face(annotations: Path, place: int, row: int, lines: list[str]) -> list[int]:
    fields = lines[row].split() if row < len(lines) else []
    try:
        face = [int(field) for field in fields]
    except ValueError:
        face = []
    if len(face) != NUM_COLUMNS:
        found = _quote(lines[row].strip() if row < len(lines) else None)
        raise AnnotationError(
            f"{annotations}:{row + 1}: expected a face of {NUM_COLUMNS} whole numbers, "
            f"face {row - place - 1} of {lines[place + 1].strip()} in {lines[place].strip()!r}, "
            f"found {found}.\nRepair the line or the count, or download the file again."
        )
    return face


def _is_zeros(line: list[str]) -> bool:
    return bool(line) and line[0].split() == ["0"] * NUM_COLUMNS


def _quote(text: str | None) -> str:
    if text is None:
        return "the end of the file"
    return repr(text if len(text) <= 80 else text[:80] + "...")
