"""Grid: the network input in square cells, and which pixels of the frame fall into each."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from edgedet.geometry.letterbox import Letterbox

# Pixels of a frame that are looked at: enough that an object of five network pixels holds some.
SAMPLES = 4800


@dataclasses.dataclass(frozen=True)
class CellGrid:
    """Cells of the network input, and a coarse grid of pixels of the frame: every `step`-th.

    Attributes:
        frame_size: (height, width) of the frame.
        input_size: (height, width) of the network input, multiples of `cell`.
        cell: Side of a cell in pixels of the input.
    """

    frame_size: tuple[int, int]
    input_size: tuple[int, int]
    cell: int

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of cells."""
        return self.input_size[0] // self.cell, self.input_size[1] // self.cell

    @functools.cached_property
    def step(self) -> int:
        """Pixels of the frame from one sample to the next, both ways."""
        return max(1, round((self.frame_size[0] * self.frame_size[1] / SAMPLES) ** 0.5))

    def sample(self, frame: np.ndarray) -> np.ndarray:
        """Return every `step`-th pixel of a frame, `[h, w, ...]`, a view."""
        return frame[self.step // 2 :: self.step, self.step // 2 :: self.step]

    @functools.cached_property
    def cell_of_row(self) -> np.ndarray:
        """The row of cells that each row of samples lies in, int `[h]`."""
        return self._cell_of(0)

    @functools.cached_property
    def cell_of_column(self) -> np.ndarray:
        """The column of cells that each column of samples lies in, int `[w]`."""
        return self._cell_of(1)

    @functools.cached_property
    def content(self) -> np.ndarray:
        """The cells that show some of the frame, not only padding, bool `[rows, columns]`."""
        return self.counts(np.ones((len(self.cell_of_row), len(self.cell_of_column)))) > 0

    def counts(self, samples: np.ndarray) -> np.ndarray:
        """Return the sum of the samples `[h, w]` in each cell, `[rows, columns]`."""
        rows, first_rows = self._rows
        columns, first_columns = self._columns
        summed = np.add.reduceat(np.add.reduceat(samples, first_rows, 0), first_columns, 1)
        counts = np.zeros(self.shape, summed.dtype)
        counts[rows, columns] = summed
        return counts

    def of_samples(self, cells: np.ndarray) -> np.ndarray:
        """Return what `cells`, `[rows, columns]`, says of the cell of each sample, `[h, w]`."""
        return cells[self.cell_of_row][:, self.cell_of_column]

    @functools.cached_property
    def _rows(self):
        return _runs(self.cell_of_row)

    @functools.cached_property
    def _columns(self):
        return _runs(self.cell_of_column)

    def _cell_of(self, axis):
        letterbox = Letterbox.fit(self.frame_size, self.input_size)
        pixels = np.arange(self.step // 2, self.frame_size[axis], self.step)
        places = (pixels + 0.5) * letterbox.scale[axis] + letterbox.offset[axis]
        return (places // self.cell).astype(int)


def _runs(cells):
    """Return a slice of the cells that occur, and where each begins."""
    # Cells may be smaller than the step: then some lie between two samples.
    found, first = np.unique(cells, return_index=True)
    index = slice(found[0], found[-1] + 1) if len(found) == found[-1] - found[0] + 1 else found
    return index, first
