"""Events: pixels that have become brighter or darker since the network last saw them.

What an event camera does in each of its pixels (Lichtsteiner et al. 2008,
https://doi.org/10.1109/JSSC.2007.914337), done to every n-th pixel of ordinary frames: contrast is
a difference of logarithms, so it is the same in light and in shadow; a pixel is compared with what
it was when its cell was last computed, so slow motion adds up until it shows; what all pixels have
in common is a lamp or the camera's exposure, and no motion.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.runtime.sparse.grid import CellGrid

# Luma of BT.601.
LUMA = np.array([0.299, 0.587, 0.114], "float32")
# Grey levels that are added to each: near black, noise would be contrast.
DARK = 16.0
# Of the noise of a pixel, the part that a frame teaches.
LEARNING = 1 / 16
# Of this share of the pixels the common change is found.
EVERY = 3


@dataclasses.dataclass(frozen=True)
class EventSettings:
    """When a pixel fires, and when a cell is worth computing.

    Their values were chosen on simulated scenes; tools/compare_gates.py shows how.

    Attributes:
        contrast: Least change of the logarithm of brightness; raise it to compute less, at the
            price of faint objects that are seen later.
        noise: Least change in multiples of what the pixel changes by from frame to frame.
        least: Events that make a cell active.
        memory: Of an event, what is left of it one frame later.
        reach: Cells around an active one that are computed too.
        cut: Share of active cells from which on the scene is another one.
    """

    contrast: float = 0.1
    noise: float = 5.0
    least: float = 2.0
    memory: float = 0.5
    reach: int = 1
    cut: float = 0.7


SETTINGS = EventSettings()


class Events:
    """The gate of Phantom, and of every model without one of its own; see `Gate`.

    Attributes:
        macs: Multiplications spent on the last frame.
        maps: float32 `[2, h, w]`: events of each sample, brighter ones (ON) and darker ones
            (OFF), with what is left of earlier ones.
    """

    def __init__(self, settings: EventSettings = SETTINGS):
        self._settings = settings
        self._grid = None
        self.macs = 0
        self.maps = np.zeros((2, 0, 0), "float32")

    def __call__(self, frame: np.ndarray, grid: CellGrid) -> np.ndarray:
        """Return the active cells of the next frame; see `Gate`."""
        now = self._log_intensity(frame, grid)
        if grid != self._grid:
            self._begin(grid, now)
            return np.ones(grid.shape, bool)
        change = now - self._reference
        # A change of light or exposure adds the same to every logarithm.
        common = _median(change[::EVERY, ::EVERY])
        change -= common
        self._observe(change)
        active = active_cells(self.maps, grid, self._settings)
        self._update(now - common, active)
        return active

    def _begin(self, grid, now):
        self._grid, self._reference, self._before = grid, now, np.zeros_like(now)
        self._noise = np.zeros_like(now)
        self.maps = np.zeros((2, *now.shape), "float32")

    def _log_intensity(self, frame, grid):
        samples = grid.sample(frame)
        if samples.ndim == 2:
            luma = samples.astype("float32")
        elif samples.shape[2] < 3:
            luma = samples[..., 0].astype("float32")
        else:
            luma = samples[..., :3].astype("float32") @ LUMA
        # Luma; learning of noise and its threshold; the memory of two maps.
        self.macs = (3 + 2 + 2) * luma.size
        return np.log(luma + np.float32(DARK))

    def _observe(self, change):
        """Find the events of a frame, and learn the noise."""
        settings = self._settings
        threshold = np.maximum(settings.contrast, settings.noise * self._noise)
        self.maps *= settings.memory
        self.maps[0] += change > threshold
        self.maps[1] += change < -threshold
        step = np.abs(change - self._before)
        # What is more than noise teaches nothing about it.
        step = np.minimum(step, threshold)
        self._noise += LEARNING * (step - self._noise)
        self._before = change

    def _update(self, now, active):
        """Take what is computed now as what the network has seen."""
        if not active.any():
            return
        seen = self._grid.of_samples(active)
        self._before = np.where(seen, 0, self._before)
        self._reference = np.where(seen, now, self._reference)
        self.maps[:, seen] = 0


def active_cells(maps: np.ndarray, grid: CellGrid, settings=SETTINGS) -> np.ndarray:
    """Return the cells with enough events and those around, bool `[rows, columns]`.

    Args:
        maps: `[2, h, w]`, ON and OFF events of each sample.
        grid: Where the samples lie.
        settings: How many are enough, and how far is around.
    """
    summed = maps.sum(axis=0)
    if not summed.any():
        return np.zeros(grid.shape, bool)
    active = grid.counts(summed) >= settings.least
    if active.sum() >= settings.cut * grid.content.sum():
        return np.ones(grid.shape, bool)
    return _dilated(active, settings.reach)


def _dilated(cells, reach):
    for _ in range(reach):
        rows = cells.copy()
        rows[1:] |= cells[:-1]
        rows[:-1] |= cells[1:]
        cells = rows.copy()
        cells[:, 1:] |= rows[:, :-1]
        cells[:, :-1] |= rows[:, 1:]
    return cells


def _median(values):
    flat = values.ravel()
    middle = flat.size // 2
    return np.partition(flat, middle)[middle]
