"""Prediction: a frame is computed where it is not as a small learned predictor expected it.

Predictive coding (Rao and Ballard 1999, https://doi.org/10.1038/4580): what is predicted need not
be passed on. Observed is only the grid of samples, as contrast to what the network last saw, in
patches of 4 x 4. Of each patch's embedding the predictor says, one frame ahead, the mean and the
variance; surprise is the error in units of that variance, so what noise, lamps, the wind or a codec
do again and again surprises nobody. A faint lasting change does: it adds up until the patch is
computed.
"""

from __future__ import annotations

import numpy as np

from edgedet.parts import Weights
from edgedet.runtime.sparse.contrast import Reference
from edgedet.runtime.sparse.gate import CUT
from edgedet.runtime.sparse.grid import CellGrid
from edgedet.runtime.sparse.predictor import PATCH, Predictor

# The part of a model file that holds a predictor.
PART = "predictor"
# Where one patch is surprising, all are computed that are as surprising as this share of it: an
# object that moves is computed as a whole and then rests, not piece by piece in each frame.
SHARE = 0.25


class Prediction:
    """The gate of a model that carries a predictor; see `Gate`.

    Args:
        weights: Of the predictor; see `edgedet.models.predictor`.
        threshold: Surprise from which on a patch is computed; raise it to compute less, at the
            price of faint objects that are seen later. `None` takes the calibrated one.

    Attributes:
        macs: Multiplications spent on the last frame.
        surprise: float32 `[rows, columns]`, of each patch in the last frame.
    """

    def __init__(self, weights: Weights, threshold: float | None = None):
        self._predictor = Predictor(weights)
        self._threshold = weights["threshold"] if threshold is None else threshold
        self._grid = None
        self.macs = 0
        self.surprise = np.zeros((0, 0), "float32")

    def __call__(self, frame: np.ndarray, grid: CellGrid) -> np.ndarray:
        """Return the active cells of the next frame; see `Gate`."""
        brightness = _padded(grid.brightness(frame))
        # Brightness and light of each sample, and what follows for each patch.
        shape = brightness.shape[0] // PATCH, brightness.shape[1] // PATCH
        self.macs = 2 * brightness.size + self._predictor.macs * shape[0] * shape[1]
        if grid != self._grid:
            self._grid, self._reference, self._light = grid, Reference(brightness), 1.0
            self._predictor.begin(shape)
            return np.ones(grid.shape, bool)
        self._light = self._reference.light_of(brightness, self._light)
        change = self._reference.contrast(brightness, self._light)
        self.surprise = self._predictor.observe(_patches(change))
        active = self._cells()
        self._predictor.look_ahead(self._see(brightness, active))
        return active

    def _cells(self):
        """Return the cells of the network input that surprising patches lie in."""
        grid = self._grid
        if self.surprise.max() <= self._threshold:
            return np.zeros(grid.shape, bool)
        surprising = self.surprise > SHARE * self._threshold
        rows, columns = len(grid.cell_of_row), len(grid.cell_of_column)
        samples = surprising.repeat(PATCH, 0).repeat(PATCH, 1)[:rows, :columns]
        active = grid.counts(samples.astype("float32")) > 0
        if np.count_nonzero(active) >= CUT * grid.content:
            return np.ones(grid.shape, bool)
        return active

    def _see(self, brightness, active):
        """Remember what is computed now, in the first frame's light; return its patches."""
        if not active.any():
            return None
        seen = _padded(self._grid.of_samples(active))
        self._reference = self._reference.renewed(seen, brightness / self._light)
        return _patches(seen).all(-1)


def _padded(samples):
    """Return samples `[h, w]` with sides that are multiples of a patch; the last one repeats."""
    height, width = samples.shape
    rows, columns = -height % PATCH, -width % PATCH
    if not rows and not columns:
        return samples
    # np.pad takes ten times as long.
    padded = np.empty((height + rows, width + columns), samples.dtype)
    padded[:height, :width] = samples
    padded[height:, :width] = samples[-1]
    padded[:, width:] = padded[:, width - 1 : width]
    return padded


def _patches(samples):
    """Return samples `[h, w]` as `[h / 4, w / 4, 16]`."""
    rows, columns = (side // PATCH for side in samples.shape)
    blocks = samples.reshape(rows, PATCH, columns, PATCH).transpose(1, 3, 0, 2)
    # The 16 come first in memory: `Predictor` takes them so, and many patches are copied at once.
    return blocks.reshape(PATCH * PATCH, rows, columns).transpose(1, 2, 0)
