"""Freshness: no cell is older than a number of frames, whatever a gate may overlook."""

from __future__ import annotations

import numpy as np

# Parts of the image, both ways, that are refreshed in turn, so that no frame pays for all.
PARTS = 2


class Freshness:
    """The age of every cell of one stream.

    Args:
        shape: (rows, columns) of cells.
        interval: Frames after which each cell is computed again at the latest.
    """

    def __init__(self, shape: tuple[int, int], interval: int):
        self._part = _parts(shape) % interval
        self._count = int(self._part.max()) + 1
        self._interval = interval
        self._age = np.zeros(shape, int)

    def due(self) -> np.ndarray:
        """Return the cells that must be computed in the next frame, bool `[rows, columns]`."""
        oldest = [int(self._age[self._part == part].max()) + 1 for part in range(self._count)]
        part = int(np.argmax(oldest))
        # One part a frame; so early that each may wait for all others.
        late = oldest[part] > self._interval - self._count
        return (self._part == part) & late

    def computed(self, cells: np.ndarray) -> None:
        """Count a frame in which these cells were computed, bool `[rows, columns]`."""
        self._age = np.where(cells, 0, self._age + 1)
        if cells.all():
            # As if the parts had been computed one after another, so they will be.
            self._age = self._part * self._interval // self._count


def _parts(shape):
    rows, columns = (np.arange(side) * PARTS // side for side in shape)
    return rows[:, None] * PARTS + columns
