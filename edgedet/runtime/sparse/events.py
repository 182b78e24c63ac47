"""Events: pixels that have become brighter or darker since the network last saw them.

What an event camera does in each of its pixels (Lichtsteiner et al. 2008,
https://doi.org/10.1109/JSSC.2007.914337), done to every n-th pixel of ordinary frames: a pixel is
compared, by its contrast, with what it was when its cell was last computed, so slow motion adds up
until it shows.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.runtime.sparse.contrast import DARK, Reference
from edgedet.runtime.sparse.gate import CUT
from edgedet.runtime.sparse.grid import CellGrid

# Grey levels that a pixel is thought to change by from frame to frame, before it is known.
FIRST_NOISE = 3.0
# Of the noise of a pixel, the part that a frame teaches.
LEARNING = 1 / 16


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
        reach: Samples around the events of an active cell whose cells are computed too.
        cut: Share of active cells from which on the scene is another one.
    """

    contrast: float = 0.2
    noise: float = 4.0
    least: float = 4.0
    memory: float = 0.5
    reach: int = 1
    cut: float = CUT


SETTINGS = EventSettings()


class Events:
    """The gate of every model without a predictor of its own; see `Gate`.

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
        brightness = grid.brightness(frame)
        # Brightness; light; learning of noise and its threshold; the memory of two maps.
        self.macs = (1 + 1 + 2 + 2) * brightness.size
        if grid != self._grid:
            self._begin(grid, brightness)
            return np.ones(grid.shape, bool)
        self._light = self._reference.light_of(brightness, self._light)
        self._observe(self._reference.contrast(brightness, self._light))
        active = active_cells(self.maps, grid, self._settings)
        if active.any():
            self._see(brightness, grid.of_samples(active))
        return active

    def _begin(self, grid, brightness):
        self._grid, self._reference, self._light = grid, Reference(brightness), 1.0
        self._before = np.zeros_like(brightness)
        # The slope of the logarithm.
        self._noise = FIRST_NOISE / (brightness + DARK)
        self.maps = np.zeros((2, *brightness.shape), "float32")

    def _observe(self, change):
        """Find the events of a frame, and learn the noise."""
        settings = self._settings
        threshold = np.maximum(settings.contrast, settings.noise * self._noise)
        self.maps *= settings.memory
        fired = np.abs(change) > threshold
        # In most frames of a scene at rest nothing does.
        if fired.any():
            self.maps[0] += fired & (change > 0)
            self.maps[1] += fired & (change < 0)
        step = np.abs(change - self._before)
        # What is more than noise teaches nothing about it.
        step = np.minimum(step, threshold)
        self._noise += LEARNING * (step - self._noise)
        self._before = change

    def _see(self, brightness, seen):
        """Take what is computed now as what the network has seen, in the first frame's light."""
        self._reference = self._reference.renewed(seen, brightness / self._light)
        self._before = np.where(seen, 0, self._before)
        self.maps *= ~seen


def active_cells(maps: np.ndarray, grid: CellGrid, settings=SETTINGS) -> np.ndarray:
    """Return the cells with enough events and those around, bool `[rows, columns]`.

    Args:
        maps: `[2, h, w]`, ON and OFF events of each sample.
        grid: Where the samples lie.
        settings: How many are enough, and how far is around.
    """
    # No cell can have more than all together, which is known sooner.
    if maps.sum() < settings.least:
        return np.zeros(grid.shape, bool)
    summed = maps[0] + maps[1]
    active = grid.counts(summed) >= settings.least
    count = np.count_nonzero(active)
    if count >= settings.cut * grid.content:
        return np.ones(grid.shape, bool)
    if not count or not settings.reach:
        return active
    return grid.counts(summed * grid.of_samples(active), settings.reach) > 0
