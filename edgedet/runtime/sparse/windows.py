"""Windows: active cells become few rectangles that are cheap to compute."""

from __future__ import annotations

import dataclasses
import itertools
from typing import NamedTuple

import numpy as np

# What a window costs beside its multiplications, in shares of a dense frame: calls, copies. A price
# joins windows and so computes more, though of simulated films less than half a percent more.
CALL = 0.03
# What is so close to the best that it is not worth looking for better.
NEARLY = 0.9
# Runs of more cells, or more pieces, are noise all over: the rectangle around is found sooner.
MANY_RUNS, MANY_PIECES = 64, 8


class Window(NamedTuple):
    """A rectangle of cells, ends excluded."""

    top: int
    left: int
    bottom: int
    right: int

    def joined(self, other: Window) -> Window:
        """Return the smallest window that holds both."""
        return Window(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def touches(self, other: Window) -> bool:
        """Return whether the two share a cell, a side or a corner."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


@dataclasses.dataclass(frozen=True)
class Cost:
    """What windows cost, as a share of all windowed stages on the whole.

    Attributes:
        cell: Of each cell.
        side: Of each cell along the height and along the width, for the halos.
        window: Of each window: the corners of the halos, and its call.
    """

    cell: float
    side: float
    window: float

    def of(self, window: Window) -> float:
        """Return the share that one window costs, more than is true at a border."""
        height, width = window.bottom - window.top, window.right - window.left
        return self.cell * height * width + self.side * (height + width) + self.window


def plan(active: np.ndarray, cost: Cost) -> list[Window] | None:
    """Return windows that hold all active cells, or `None` where the whole is cheaper.

    Args:
        active: bool `[rows, columns]`.
        cost: What a window costs; the whole costs 1.
    """
    around = _around(active)
    if around is None:
        return []
    # No windows can be cheaper than this.
    least = cost.cell * np.count_nonzero(active)
    if least >= NEARLY:
        return None
    windows = [around]
    if cost.of(around) > least / NEARLY:
        windows = _merged(_pieces(active, around), cost)
    return None if sum(map(cost.of, windows)) >= 1 else windows


def _around(active):
    """Return the window around all active cells, or `None` without any."""
    rows, columns = np.flatnonzero(active.any(1)), np.flatnonzero(active.any(0))
    if not len(rows):
        return None
    return Window(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def _pieces(active, around):
    """Return the rectangles around connected cells."""
    runs = _runs(active)
    pieces: list[Window] = []
    for run in runs if len(runs) <= MANY_RUNS else ():
        apart = []
        for piece in pieces:
            if piece.touches(run):
                run = piece.joined(run)
            else:
                apart.append(piece)
        pieces = [*apart, run]
    if len(runs) <= MANY_RUNS and len(pieces) <= MANY_PIECES:
        return pieces
    return [around]


def _runs(active):
    """Return each row's runs of active cells."""
    bordered = np.zeros((active.shape[0], active.shape[1] + 2), bool)
    bordered[:, 1:-1] = active
    rows, columns = np.nonzero(bordered[:, 1:] != bordered[:, :-1])
    # Each row goes in and out of its runs by turns.
    ends = zip(rows[::2].tolist(), columns[::2].tolist(), columns[1::2].tolist(), strict=True)
    return [Window(row, left, row + 1, right) for row, left, right in ends]


def _merged(windows, cost):
    """Join two windows as long as one around both is cheaper."""
    costs = {window: cost.of(window) for window in windows}
    while len(costs) > 1:
        gain, first, second = max(
            (costs[a] + costs[b] - cost.of(a.joined(b)), a, b)
            for a, b in itertools.combinations(costs, 2)
        )
        if gain < 0:
            break
        joined = first.joined(second)
        del costs[first], costs[second]
        costs[joined] = cost.of(joined)
    return list(costs)
