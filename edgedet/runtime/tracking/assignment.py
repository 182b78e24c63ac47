"""The cheapest way to pair rows with columns, in NumPy alone.

Shortest augmenting paths after Jonker and Volgenant 1987, https://doi.org/10.1007/BF02278710, as
Crouse 2016, https://doi.org/10.1109/TAES.2016.140952, writes them for rectangular matrices.
"""

from __future__ import annotations

import numpy as np

FREE = -1


def assign(costs: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of the cheapest assignment, where staying alone has a price too.

    Args:
        costs: float `[N, M]`, 0 or more; `inf` where row and column may not meet.
        limit: What a row costs that stays alone. No pair that costs more is ever made.

    Returns:
        rows, columns: int `[K]` each, rows ascending; row `rows[k]` meets `columns[k]`.
    """
    count, width = costs.shape
    if not count or not width:
        return np.zeros(0, int), np.zeros(0, int)
    # Each row's own way out is one more column that is closed to all others.
    alone = np.full((count, count), np.inf)
    np.fill_diagonal(alone, limit)
    column_of = _solve(np.concatenate([costs, alone], axis=1))
    rows = np.flatnonzero(column_of < width)
    return rows, column_of[rows]


def _solve(costs):
    """Return the column of each row, `[N]`; every row must have a column of its own to go to."""
    rows = np.arange(len(costs))
    nearest = costs.argmin(axis=1)
    # Prices of rows and columns: no pair costs less than the two together, pairs made cost it.
    row_prices, column_prices = costs[rows, nearest], np.zeros(costs.shape[1])
    column_of, row_of = np.full(len(costs), FREE), np.full(costs.shape[1], FREE)
    # The first to want a column as its best has it, which settles most rows of a video.
    wanted, first = np.unique(nearest, return_index=True)
    column_of[first], row_of[wanted] = wanted, first
    for row in np.flatnonzero(column_of == FREE):
        _augment(row, costs, (row_prices, column_prices), (column_of, row_of))
    return column_of


def _augment(start, costs, prices, partners):
    """Give `start` a column, moving others along the cheapest chain (changes its arguments)."""
    (row_prices, column_prices), (column_of, row_of) = prices, partners
    distance = np.full(costs.shape[1], np.inf)
    came_from = np.full(costs.shape[1], FREE)
    reached = np.zeros(costs.shape[1], bool)
    row, length, chain = start, 0.0, []
    while True:
        chain.append(row)
        ahead = length + costs[row] - row_prices[row] - column_prices
        shorter = (ahead < distance) & ~reached
        distance[shorter], came_from[shorter] = ahead[shorter], row
        column = int(np.where(reached, np.inf, distance).argmin())
        length = distance[column]
        reached[column] = True
        if row_of[column] == FREE:
            break
        row = row_of[column]
    row_prices[start] += length
    others = np.array(chain[1:], int)
    row_prices[others] += length - distance[column_of[others]]
    column_prices[reached] -= length - distance[reached]
    while True:
        row = came_from[column]
        row_of[column] = row
        column_of[row], column = column, column_of[row]
        if row == start:
            return
