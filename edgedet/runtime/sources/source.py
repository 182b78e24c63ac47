"""What a source of frames is, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np


class Frame(Protocol):
    """One picture of a source.

    Attributes:
        source: The file, or the number of the camera.
        shown: What to call it in messages.
        name: For files that are written about it.
        frame: Its number in the source. Frames of a MOT sequence count from 1, as in its
            annotation; all others from 0.
    """

    source: str
    shown: str
    name: str
    frame: int

    def read(self) -> np.ndarray:
        """Return the pixels, uint8 `[H, W, 3]`, or a thermal frame's counts.

        Raises:
            ImageError: They cannot be read.
        """


class Source(Protocol):
    """Frames in order, from one place; they may be gone through once.

    Attributes:
        name: For files that are written about the whole.
        first: Number of the first frame.
        count: Number of frames, or `None` where only the end will tell.
        live: Frames come when they come, whether somebody is ready or not.
    """

    name: str
    first: int
    count: int | None
    live: bool

    def __iter__(self) -> Iterator[Frame]:
        """Give the frames as they come."""
