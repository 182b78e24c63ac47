"""A moving picture of a whole stream, small enough to look at and to send."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from edgedet.files import replacing

# Pixels of the longer side, and pictures at most: a minute of video is a few megabytes.
LONGEST, MOST = 480, 240
# Few colours without dithering look a little flat, and take three fifths of the bytes.
COLOURS = 64
# Between two frames of the stream; no GIF player shows anything faster than 20.
MILLISECONDS = 40


class Animation:
    """Collects the pictures of a stream and writes them as one GIF.

    Of a long stream every second, fourth, eighth ... picture is kept, so that it needs no more
    memory than a short one.
    """

    def __init__(self):
        self._pictures: list[Image.Image] = []
        self._step, self._count = 1, 0

    def add(self, image: np.ndarray) -> None:
        """Take the next picture, uint8 `[H, W, 3]`."""
        if self._count % self._step == 0:
            small = Image.fromarray(image)
            small.thumbnail((LONGEST, LONGEST))
            self._pictures.append(small.quantize(COLOURS, dither=Image.Dither.NONE))
        self._count += 1
        if len(self._pictures) > MOST:
            self._pictures, self._step = self._pictures[::2], 2 * self._step

    def write(self, path: Path) -> None:
        """Write the GIF, if there is anything to show, whole or not at all.

        Raises:
            OutputError: The folder cannot be written or the disk is full.
        """
        if not self._pictures:
            return
        first, *rest = self._pictures
        pace = MILLISECONDS * self._step
        with replacing(path) as temporary:
            first.save(temporary, "GIF", save_all=True, append_images=rest, duration=pace, loop=0)
