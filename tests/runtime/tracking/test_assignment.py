import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from edgedet.runtime.tracking.assignment import assign

FORBIDDEN = 1e6


def least_total(costs, limit):
    """Return what SciPy says is the least total, rows that stay alone included."""
    alone = np.where(np.eye(len(costs), dtype=bool), limit, FORBIDDEN)
    square = np.concatenate([np.where(np.isinf(costs), FORBIDDEN, costs), alone], axis=1)
    return square[linear_sum_assignment(square)].sum()


@pytest.mark.parametrize("seed", range(8))
def test_no_assignment_is_cheaper(seed):
    random = np.random.default_rng(seed)
    for _ in range(60):
        size = random.integers(1, 13, 2)
        # Whole numbers half of the time: ties are where such algorithms stumble.
        costs = random.integers(0, 9, size) * 1.0 if random.random() < 0.5 else random.random(size)
        costs[random.random(size) < 0.4] = np.inf
        limit = random.uniform(0, 1.2 * np.max(costs, initial=1, where=np.isfinite(costs)))
        rows, columns = assign(costs, limit)
        assert (np.diff(rows) > 0).all()
        assert len(set(columns.tolist())) == len(columns)
        total = costs[rows, columns].sum() + limit * (len(costs) - len(rows))
        assert total == pytest.approx(least_total(costs, limit))


def test_the_best_for_all_is_not_the_best_for_the_first():
    # Greedy takes 1 + 9; together 2 + 3 is less.
    rows, columns = assign(np.array([[1.0, 2.0], [3.0, 9.0]]), limit=100)
    np.testing.assert_array_equal(rows, [0, 1])
    np.testing.assert_array_equal(columns, [1, 0])


def test_who_costs_more_than_the_limit_stays_alone():
    rows, columns = assign(np.array([[5.0, np.inf], [np.inf, 7.0]]), limit=6)
    assert (rows.tolist(), columns.tolist()) == ([0], [0])


def test_a_pair_is_given_up_where_two_others_gain_more():
    # Row 0 may take column 0 (1) or 1 (2), row 1 only column 0 (1): 3 in all, no one alone.
    rows, columns = assign(np.array([[1.0, 2.0], [1.0, np.inf]]), limit=5)
    assert columns.tolist() == [1, 0]
    # With a limit of 1.5 it is cheaper that one of them stays alone: 1 + 1.5 < 1 + 2.
    assert len(assign(np.array([[1.0, 2.0], [1.0, np.inf]]), limit=1.5)[0]) == 1


@pytest.mark.parametrize("size", [(0, 0), (0, 3), (3, 0)])
def test_nobody(size):
    rows, columns = assign(np.zeros(size), limit=1)
    assert (len(rows), len(columns)) == (0, 0)
    assert rows.dtype.kind == columns.dtype.kind == "i"


def test_the_costs_stay_what_they_are():
    costs = np.random.default_rng(0).random((6, 6))
    before = costs.copy()
    assign(costs, limit=0.4)
    np.testing.assert_array_equal(costs, before)
