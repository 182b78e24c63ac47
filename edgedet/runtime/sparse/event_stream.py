"""Event cameras: their streams become the same maps that `events` makes of frames."""

from __future__ import annotations

import numpy as np

from edgedet.runtime.sparse.grid import CellGrid


def polarity_maps(x, y, t, p, grid: CellGrid, frame_time: float, memory: float = 0.5) -> np.ndarray:
    """Return float32 `[2, h, w]`: ON and OFF events of each sample of the grid, older ones faded.

    Every event counts for the sample in whose square it lies, and what is left of it falls by
    `memory` in each `frame_time` until the last event. `active_cells` takes the maps.

    Args:
        x: Columns of the pixels, int `[E]`.
        y: Rows, int `[E]`.
        t: Times, `[E]`, in any unit and order.
        p: Polarities, `[E]`: above 0 is brighter, all else darker.
        grid: Of a frame that has the size of the sensor.
        frame_time: Time of a frame in the unit of `t`.
        memory: Of an event, what is left of it one frame later.
    """
    size = len(grid.cell_of_row), len(grid.cell_of_column)
    x, y = (np.asarray(places, int) // grid.step for places in (x, y))
    t, p = np.asarray(t, float), np.asarray(p)
    # The last sample stands for what is left over behind it.
    rows, columns = np.minimum(y, size[0] - 1), np.minimum(x, size[1] - 1)
    places = (np.where(p > 0, 0, size[0]) + rows) * size[1] + columns
    weights = memory ** ((t.max(initial=-np.inf) - t) / frame_time)
    maps = np.bincount(places, weights, minlength=2 * size[0] * size[1])
    return maps.reshape(2, *size).astype("float32")
