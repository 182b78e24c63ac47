"""Tracks as a MOTChallenge result file: one line for each box of each frame."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from edgedet.detections import TENTATIVE, Tracks
from edgedet.files import replacing

# MOTChallenge counts frames and pixels from 1.
FIRST = 1


@contextlib.contextmanager
def mot_file(path: Path) -> Iterator[Callable[[int, Tracks], None]]:
    """Give the function that writes the tracks of one frame; the file appears when all is done.

    A line is `frame,id,left,top,width,height,score,-1,-1,-1`. Tracks that are not yet sure to be
    objects are left out. The function takes the number of the frame, from 1, and its tracks.

    Raises:
        OutputError: The folder cannot be written or the disk is full.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:

        def write(frame: int, tracks: Tracks) -> None:
            sure = tracks[tracks.states != TENTATIVE]
            for box, score, identity in zip(sure.boxes, sure.scores, sure.track_ids, strict=True):
                left, top, right, bottom = map(float, box)
                file.write(
                    f"{frame},{identity},{left + FIRST:.2f},{top + FIRST:.2f},"
                    f"{right - left:.2f},{bottom - top:.2f},{score:.4f},-1,-1,-1\n"
                )

        yield write
