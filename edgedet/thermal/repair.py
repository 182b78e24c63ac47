"""Dead pixels and lines: replaced where nothing around them shares what they say.

Light never falls on one pixel alone: a lens spreads even a star over its neighbours, so what
stands alone is the sensor's own.
"""

from __future__ import annotations

import numpy as np

# By how much of the frame's span a dead pixel differs from both of its neighbours in its row.
PIXEL_SHARE = 0.5
# How much its neighbours may differ, of what a dead pixel differs from them.
ALONE = 0.125
# By how much a line differs from both of its neighbours; on the border there is only one.
LINE_SHARE = 0.125
BORDER_SHARE = 0.5
# Share of a line that must be out of line.
LINE_PART = 0.875
# So many places along a line are looked at.
LOOKS = 64
AROUND = [(row, column) for row in (0, 1, 2) for column in (0, 1, 2) if (row, column) != (1, 1)]


def repair(band: np.ndarray, span: float) -> np.ndarray:
    """Return a band without lone pixels and without rows and columns that stand alone.

    Args:
        band: `[H, W]` of finite counts; it is not changed, and comes back itself where nothing
            is to be done.
        span: How far apart the limits of the frame are, in counts.
    """
    if min(band.shape) < 3:
        return band
    band = _repair_rows(band, span)
    columns = band.T
    repaired = _repair_rows(columns, span)
    band = band if repaired is columns else repaired.T
    return _repair_pixels(band, span)


def _repair_rows(band, span):
    looked = _signed(band[:, :: max(1, band.shape[1] // LOOKS)])
    before, after = looked[:-2], looked[2:]
    margin = LINE_SHARE * span
    above = looked[1:-1] > np.maximum(before, after) + margin
    below = looked[1:-1] < np.minimum(before, after) - margin
    alone = [1 + row for row in np.flatnonzero(_out_of_line(above) | _out_of_line(below))]
    # The row to put in its place: a neighbour as it is, no mean, which would round.
    cures = {row: row - 1 for row in alone}
    # A neighbour that is itself out of line is no witness.
    for border, inside in ((0, 1), (len(band) - 1, len(band) - 2)):
        apart = looked[border] - looked[inside]
        far = np.stack([apart > BORDER_SHARE * span, apart < -BORDER_SHARE * span])
        if inside not in cures and _out_of_line(far).any():
            cures[border] = inside
    if not cures:
        return band
    repaired = band.copy()
    repaired[list(cures)] = band[list(cures.values())]
    return repaired


def _out_of_line(places):
    return places.mean(axis=1) >= LINE_PART


def _repair_pixels(band, span):
    framed = _framed(band)
    steps = np.diff(framed[1:-1], axis=1)
    into, out_of = steps[:, :-1], steps[:, 1:]
    limit = PIXEL_SHARE * span
    peaks = (into > limit) & (out_of < -limit)
    dips = (into < -limit) & (out_of > limit)
    rows, columns = np.nonzero(peaks | dips)
    if not rows.size:
        return band
    around = np.stack([framed[rows + row, columns + column] for row, column in AROUND])
    around = np.sort(around.astype("float64"), axis=0)
    middle = 0.5 * (around[3] + around[4])
    dead = around[-1] - around[0] <= ALONE * np.abs(band[rows, columns] - middle)
    if not dead.any():
        return band
    repaired = band.copy()
    # One of them, no mean of two, which would round.
    repaired[rows[dead], columns[dead]] = around[4, dead].astype(band.dtype)
    return repaired


def _framed(band):
    """Return a band with a mirrored pixel all around, in a type that holds differences."""
    return np.pad(_signed(band), 1, mode="reflect")


def _signed(band):
    """Return counts in a type whose differences do not overflow."""
    if band.dtype.kind == "f":
        return band
    return band.astype("int32" if band.dtype.itemsize < 4 else "int64")
