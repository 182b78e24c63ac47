"""Freshness: no cell is older than a number of frames, whatever a gate may overlook."""

from __future__ import annotations

import numpy as np

# Parts of the image, both ways, that are refreshed in turn, so that no frame pays for all.
PARTS = 2


class Freshness:
    """When each part of the image of one stream is computed, changed or not.

    Args:
        shape: (rows, columns) of cells.
        interval: Frames after which each cell is computed again at the latest.
    """

    def __init__(self, shape: tuple[int, int], interval: int):
        self._nothing = np.zeros(shape, bool)
        part = _parts(shape) % interval
        count = int(part.max()) + 1
        # The place of each part in the interval; no two are the same.
        places = [(number + 1) * interval // count % interval for number in range(count)]
        self._parts = {place: part == number for number, place in enumerate(places)}
        self._interval, self._frame = interval, 0

    def due(self) -> np.ndarray:
        """Return the cells that must be computed in the next frame, bool `[rows, columns]`."""
        self._frame += 1
        return self._parts.get(self._frame % self._interval, self._nothing)

    def restart(self) -> None:
        """Count from the present frame, in which every cell is computed."""
        self._frame = 0


def _parts(shape):
    rows, columns = (np.arange(side) * PARTS // side for side in shape)
    return rows[:, None] * PARTS + columns
