"""Gate: what decides, before anything is computed, where a frame is worth computing."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from edgedet.runtime.sparse.grid import CellGrid

# Share of active cells from which on the scene is another one.
CUT = 0.7


class Gate(Protocol):
    """Looks at the frames of one stream; every stream has one of its own.

    Attributes:
        macs: Multiplications that it spent on the last frame.
    """

    macs: int

    def __call__(self, frame: np.ndarray, grid: CellGrid) -> np.ndarray:
        """Return bool `[rows, columns]` of the grid: the cells to compute.

        All of them where the scene is another one. What is returned counts as computed.

        Args:
            frame: uint8 `[H, W, 3]`, as it came from the camera.
            grid: Where its pixels lie in the network input.
        """
