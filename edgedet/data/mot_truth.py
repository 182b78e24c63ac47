"""The gt.txt of a MOT sequence: which box in which frame, and who it is.

A line is `frame, id, left, top, width, height, counts (0: ignored), class, visible`; its pixels
count from 1, ours from 0. MOTChallenge, Leal-Taixé et al. 2015, https://arxiv.org/abs/1504.01942
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from edgedet.data.record import Record
from edgedet.errors import AnnotationError

# Columns of a line, and how many there must be; class and visibility came with MOT16.
FRAME, IDENTITY, LEFT, COUNTS, CLASS = 0, 1, 2, 6, 7
LEAST_COLUMNS = 7
FIRST_PIXEL = 1
# MOT16's classes: pedestrians count; who rides or stands, lies behind glass or is painted excuses a
# detection; all others are not people. Without the column, as in MOT15, every line counts.
NO_CLASS, PEDESTRIAN = -1, 1
EXCUSES = (2, 7, 8, 12)


class MotTruth:
    """The lines of a gt.txt, by frame."""

    def __init__(self, path: Path):
        self._path = path
        lines = path.read_text("utf-8", errors="replace").splitlines()
        rows = [_parse(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
        self._rows = np.array(rows).reshape(-1, CLASS + 1)
        kinds = self._rows[:, CLASS]
        self._rows = self._rows[np.isin(kinds, (NO_CLASS, PEDESTRIAN, *EXCUSES))]

    def require_frames(self, images: Iterable[int]) -> None:
        """Raise where the text speaks of frames without an image."""
        missing = sorted({int(frame) for frame in self._rows[:, FRAME]} - set(images))
        if missing:
            raise AnnotationError(
                f"{self._path}: expected an image of each frame in img1, found none of "
                f"frame {missing[0]} ({len(missing)} are missing).\nUnpack all frames."
            )

    def record(self, frame: int, image: Path, sequence: str) -> Record:
        """Return what the text says about one frame."""
        rows = self._rows[self._rows[:, FRAME] == frame]
        corner = rows[:, LEFT : LEFT + 2] - FIRST_PIXEL
        boxes = np.hstack([corner, corner + rows[:, LEFT + 2 : LEFT + 4]])
        return Record(
            image=image,
            boxes=boxes.astype("float32"),
            labels=np.zeros(len(rows), "int32"),
            ignored=(rows[:, COUNTS] == 0) | np.isin(rows[:, CLASS], EXCUSES),
            image_id=frame,
            dataset=sequence,
            track_ids=rows[:, IDENTITY].astype("int32"),
        )


def _parse(path: Path, number: int, line: str) -> list[float]:
    try:
        fields = [float(field) for field in line.split(",")]
    except ValueError:
        fields = []
    if len(fields) < LEAST_COLUMNS or not np.isfinite(fields).all():
        raise AnnotationError(
            f"{path}:{number}: expected at least {LEAST_COLUMNS} numbers (frame, id, left, top, "
            f"width, height, counts), found {line!r}.\nDownload the annotation again."
        )
    return [*fields[:CLASS], fields[CLASS] if len(fields) > CLASS else NO_CLASS]
