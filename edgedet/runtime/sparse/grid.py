"""Grid: the network input in square cells, and which pixels of the frame fall into each."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from edgedet.geometry.letterbox import Letterbox

# Of a frame, about as many: enough that an object of five pixels of the input holds some.
SAMPLES = 4800


@dataclasses.dataclass(frozen=True)
class CellGrid:
    """Cells of the network input, and a grid of samples of the frame, one of each square.

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
        """Side of the square that a sample stands for, in pixels of the frame."""
        step = round((self.frame_size[0] * self.frame_size[1] / SAMPLES) ** 0.5)
        return max(1, min(step, *self.frame_size))

    def brightness(self, frame: np.ndarray) -> np.ndarray:
        """Return the mean of four pixels in each square of `step` pixels, float32 `[h, w]`, 0-255.

        The four say a half of green, a quarter of red and of blue, about as eyes weigh them; four
        are half as noisy as one, and much cheaper than all.

        Args:
            frame: uint8 `[H, W, 3]`, or with one band or two, of which the first is taken.
        """
        bands = (1, 0, 2, 1) if frame.shape[2] >= 3 else (0, 0, 0, 0)
        # Converted apart, which is faster than while adding.
        first, second, third, fourth = (
            frame[rows, columns, band].astype("uint16")
            for (rows, columns), band in zip(self._pixels, bands, strict=True)
        )
        brightness = (first + second + third + fourth).astype("float32")
        brightness *= np.float32(0.25)
        return brightness

    @functools.cached_property
    def _pixels(self):
        """Where the four pixels of all squares lie in a frame, as (rows, columns)."""
        near, far = self.step // 4, self.step - 1 - self.step // 4
        end = self.step * len(self.cell_of_row), self.step * len(self.cell_of_column)
        return [
            (slice(row, end[0], self.step), slice(column, end[1], self.step))
            for row in (near, far)
            for column in (near, far)
        ]

    @functools.cached_property
    def cell_of_row(self) -> np.ndarray:
        """The row of cells that each row of samples lies in, int `[h]`."""
        return self._cell_of(0)

    @functools.cached_property
    def cell_of_column(self) -> np.ndarray:
        """The column of cells that each column of samples lies in, int `[w]`."""
        return self._cell_of(1)

    @functools.cached_property
    def content(self) -> int:
        """The number of cells that show some of the frame, not only padding."""
        size = len(self.cell_of_row), len(self.cell_of_column)
        return int((self.counts(np.ones(size)) > 0).sum())

    def counts(self, samples: np.ndarray, reach: int = 0) -> np.ndarray:
        """Return the sum of the samples `[h, w]` in each cell and `reach` around it, `[r, c]`."""
        rows, columns = _ranges(self, reach)
        return rows @ samples.astype("float32", copy=False) @ columns

    def of_samples(self, cells: np.ndarray) -> np.ndarray:
        """Return what `cells`, `[rows, columns]`, says of the cell of each sample, `[h, w]`."""
        return cells[self.cell_of_row][:, self.cell_of_column]

    def _cell_of(self, axis):
        letterbox = Letterbox.fit(self.frame_size, self.input_size)
        # What is left over at the end is less than a square.
        squares = np.arange(max(self.frame_size[axis] // self.step, 1))
        middles = (squares + 0.5) * self.step
        places = middles * letterbox.scale[axis] + letterbox.offset[axis]
        return np.minimum(places // self.cell, self.shape[axis] - 1).astype(int)


@functools.lru_cache(maxsize=32)
def _ranges(grid, reach):
    """Return the rows of samples that rows of cells count, `[r, h]`, and the columns, `[w, c]`."""
    return (
        _ranges_of(grid.cell_of_row, grid.shape[0], reach),
        np.ascontiguousarray(_ranges_of(grid.cell_of_column, grid.shape[1], reach).T),
    )


def _ranges_of(cell_of, count, reach):
    """Return whether a cell counts a sample, along one axis; float32 0 or 1, `[cells, samples]`."""
    cells, places = np.arange(count)[:, None], np.arange(len(cell_of))
    first = np.searchsorted(cell_of, cells, "left")
    end = np.searchsorted(cell_of, cells, "right")
    # A cell of padding has no samples, and nothing around them.
    counted = (first < end) & (first - reach <= places) & (places < end + reach)
    return counted.astype("float32")
