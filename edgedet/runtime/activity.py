"""Activity: how much of a frame was computed, and where."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Activity:
    """What was computed of one frame.

    Attributes:
        compute: Multiplications, as a share of a dense frame.
        cells: bool `[rows, columns]`, the cells of the network input that were computed; `None`
            for a detector that computes whole frames only.
        input_size: (height, width) of the network input.
    """

    compute: float = 1.0
    cells: np.ndarray | None = None
    input_size: tuple[int, int] = (0, 0)
