"""Watch: what is computed of each frame of one stream."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from edgedet.runtime.sparse.backoff import Backoff
from edgedet.runtime.sparse.freshness import Freshness
from edgedet.runtime.sparse.gate import Gate
from edgedet.runtime.sparse.grid import CellGrid
from edgedet.runtime.sparse.staged import StagedNetwork
from edgedet.runtime.sparse.windows import Window, plan

# What a window takes beside its multiplications where those are fast, in shares of a dense frame:
# on a server .4 with Phantom, .1 with Nexus. Looking must save time even there, gate included.
HANDLING = 0.2


class Look(NamedTuple):
    """What is to be computed of a frame.

    Attributes:
        cells: bool `[rows, columns]` of the network.
        windows: That hold them; `None` for the whole.
        remembered: Whether later frames will be compared with this one.
        macs: Multiplications that it took to find out.
    """

    cells: np.ndarray
    windows: list[Window] | None
    remembered: bool
    macs: int


class Watch:
    """Decides where the frames of one stream are computed.

    That is where the gate sees something, and what has become old; all of the first frame, of one
    of another size, and of those in which so much happens that looking does not pay.

    Args:
        network: Computes them.
        gate: Sees what happens.
        interval: Frames after which each cell is computed again at the latest.
    """

    def __init__(self, network: StagedNetwork, gate: Gate, interval: int):
        self._network, self._gate, self._interval = network, gate, interval
        self._grid = None

    def __call__(self, frame: np.ndarray) -> Look:
        """Return what to compute of the next frame, uint8 `[H, W, bands]`."""
        if self._grid is None or self._grid.frame_size != frame.shape[:2]:
            self._begin(frame)
            return self._everything(self._gate.macs)
        if self._backoff.rests():
            return self._everything(0)
        cells = self._gate(frame, self._grid) | self._freshness.due()
        windows = None if self._backoff.renewing else plan(cells, self._network.cost)
        self._backoff.saw(self._price(windows))
        if windows is None or self._backoff.resting:
            return self._everything(self._gate.macs)
        return Look(cells, windows, True, self._gate.macs)

    def _price(self, windows):
        """Return the share of a dense frame that windows cost where multiplications are fast."""
        if windows is None:
            return 1 + HANDLING
        return sum(HANDLING + self._network.cost.of(window) for window in windows)

    def _begin(self, frame):
        """Forget what was seen in frames of another size."""
        size, network = frame.shape[:2], self._network
        self._grid = CellGrid(size, network.input_size, network.cell)
        self._freshness = Freshness(self._grid.shape, self._interval)
        self._backoff = Backoff()
        self._gate(frame, self._grid)

    def _everything(self, macs):
        self._freshness.restart()
        cells = np.ones(self._grid.shape, bool)
        return Look(cells, None, not self._backoff.resting, macs)
