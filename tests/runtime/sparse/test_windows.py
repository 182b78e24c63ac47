import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from edgedet.runtime.sparse.windows import Cost, Window, plan

# Of 100 cells: each costs its share, a halo of a quarter of a cell on each side, and a bit for
# the call.
COST = Cost(cell=0.01, side=0.005, window=0.01)


def mask(*rectangles, shape=(10, 10)):
    cells = np.zeros(shape, bool)
    for top, left, bottom, right in rectangles:
        cells[top:bottom, left:right] = True
    return cells


def test_nothing_active_is_no_window():
    assert plan(mask(), COST) == []


def test_everything_active_is_the_whole():
    assert plan(mask((0, 0, 10, 10)), COST) is None


def test_a_rectangle_is_its_own_window():
    assert plan(mask((2, 3, 5, 7)), COST) == [Window(2, 3, 5, 7)]


def test_the_cost_of_a_window():
    # 3 x 4 cells, 7 of halo, one call.
    assert COST.of(Window(2, 3, 5, 7)) == pytest.approx(0.12 + 0.035 + 0.01)


def test_far_things_have_windows_of_their_own():
    far = mask((0, 0, 2, 2), (8, 8, 10, 10))
    assert sorted(plan(far, COST)) == [(0, 0, 2, 2), (8, 8, 10, 10)]


def test_near_things_share_a_window():
    # Two of 2 x 1: 2 (.02 + .015 + .01) = .09; 2 x 3 around both: .06 + .025 + .01 = .095.
    near = mask((0, 0, 2, 1), (0, 2, 2, 3))
    assert len(plan(near, COST)) == 2
    # A call that costs .02: .11 against .105.
    assert plan(near, Cost(0.01, 0.005, 0.02)) == [Window(0, 0, 2, 3)]


def test_windows_that_cost_more_than_the_whole_are_the_whole():
    # Sixteen single cells of .52 each, and around all of them 7 x 7: .49 + .07 + .5 = 1.06.
    dear = Cost(0.01, 0.005, 0.5)
    scattered = np.zeros((10, 10), bool)
    scattered[:7:2, :7:2] = True
    assert plan(scattered, dear) is None
    assert plan(scattered, COST) == [Window(0, 0, 7, 7)]


def test_what_hangs_together_is_one_piece_however_many_rows_it_has():
    # More rows than there may be pieces, and one cell far away.
    tall = mask((0, 0, 12, 2), (19, 19, 20, 20), shape=(20, 20))
    assert sorted(plan(tall, Cost(1 / 400, 1 / 800, 0.01))) == [(0, 0, 12, 2), (19, 19, 20, 20)]


@settings(deadline=None, max_examples=200)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_windows_hold_every_active_cell(active):
    windows = plan(active, Cost(1 / active.size, 0.1 / active.size, 0.01))
    if windows is not None:
        held = np.zeros_like(active)
        for window in windows:
            held[window.top : window.bottom, window.left : window.right] = True
        assert held[active].all()
        assert not windows or active.any()


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_cell_is_one_window(row, column):
    window = Window(row, column, row + 1, column + 1)
    assert plan(mask(window), COST) == [window]
