import numpy as np
import pytest
import tensorflow as tf

from edgedet.geometry.points import grid_points
from edgedet.targets.window import join, widened, windows


def around(x, y, strides=(8,), cells=3, size=(32, 48)):
    """Return, per level, the window around a box with that centre."""
    box = tf.constant([[[x - 3.0, y - 2.0, x + 3.0, y + 2.0]]])
    return windows(box, size, strides, cells)


def test_by_hand():
    # The centre lies in column 2, row 1 of 6 x 4 cells.
    (window,) = around(17.0, 12.0)
    rows, columns = [0] * 3 + [1] * 3 + [2] * 3, [1, 2, 3] * 3
    expected = [row * 6 + column for row, column in zip(rows, columns, strict=True)]
    np.testing.assert_array_equal(window.places[0, 0], expected)
    np.testing.assert_array_equal(window.x[0, 0], [12, 20, 28] * 3)
    np.testing.assert_array_equal(window.y[0, 0], [4] * 3 + [12] * 3 + [20] * 3)
    np.testing.assert_array_equal(window.strides, [8] * 9)


@pytest.mark.parametrize(
    ("centre", "columns", "rows"),
    [
        ((0, 0), {0, 1, 2}, {0, 1, 2}),
        ((48, 32), {3, 4, 5}, {1, 2, 3}),
        ((-9, 99), {0, 1, 2}, {1, 2, 3}),
    ],
)
def test_at_the_border_it_moves_inside(centre, columns, rows):
    (window,) = around(*centre)
    row, column = np.divmod(window.places[0, 0].numpy(), 6)
    assert (set(column), set(row)) == (columns, rows)


def test_it_is_no_larger_than_the_level():
    (window,) = around(20.0, 20.0, strides=(16,), cells=5)
    np.testing.assert_array_equal(np.sort(window.places[0, 0]), range(2 * 3))


def test_levels_follow_each_other_and_name_the_points_of_the_grid():
    window = join(around(11.0, 30.0, strides=(8, 16, 32)))
    points, strides = grid_points((32, 48), (8, 16, 32))
    places = window.places[0, 0].numpy()
    assert len(set(places)) == len(places) == 9 + 6 + 2
    np.testing.assert_array_equal(points[places, 0], window.x[0, 0])
    np.testing.assert_array_equal(points[places, 1], window.y[0, 0])
    np.testing.assert_array_equal(strides[places], window.strides)
    assert (np.diff(window.strides) >= 0).all()


def test_the_nearest_are_those_of_the_whole_level():
    points, _ = grid_points((64, 96), (8,))
    generator = np.random.default_rng(0)
    for x, y in [(0, 0), (96, 64), (95.9, 0.1), *generator.uniform(0, (96, 64), (40, 2))]:
        box = tf.constant([[[x - 3.0, y - 2.0, x + 3.0, y + 2.0]]], tf.float32)
        (window,) = windows(box, (64, 96), (8,), 5)
        nearest = window.nearest(box, 9)
        found = points[nearest.places[0, 0].numpy()]
        np.testing.assert_array_equal(found[:, 0], nearest.x[0, 0])
        np.testing.assert_array_equal(found[:, 1], nearest.y[0, 0])
        distances = np.linalg.norm(points - [x, y], axis=1)
        np.testing.assert_allclose(
            np.linalg.norm(found - [x, y], axis=1), np.sort(distances)[:9], rtol=1e-4
        )


def test_of_a_small_level_all_are_the_nearest():
    (window,) = around(20.0, 20.0, strides=(32,), cells=5)
    box = tf.constant([[[0.0, 0, 40, 40]]])
    assert set(window.nearest(box, 9).places[0, 0].numpy()) == {0, 1}


def test_what_is_as_long_as_a_cell_holds_the_middle_of_one():
    generator = np.random.default_rng(0)
    start, length = generator.uniform(0, 300, 20_000), generator.uniform(0, 6, 20_000)
    start[::4] = np.round(start[::4])  # Middles of cells lie on the ends.
    length[::2] = np.round(length[::2])
    start, end = widened(
        tf.constant(start, tf.float32), tf.constant(start + length, tf.float32), 4.0
    )
    # The first middle, at 4 i + 2, that is not before the start.
    assert (np.ceil((start.numpy() - 2) / 4) * 4 + 2 <= end.numpy()).all()


def test_long_intervals_stay_as_they_are():
    start, end = widened(tf.constant([0.1, 7.0]), tf.constant([0.2, 12.0]), 4.0)
    np.testing.assert_allclose(start, [-1.85, 7.0], rtol=1e-6)
    np.testing.assert_allclose(end, [2.15, 12.0], rtol=1e-6)


def test_inside_is_in_the_widened_box_border_included():
    (window,) = around(12.0, 12.0)  # Points 4, 12 and 20 both ways.

    def found(box, least):
        inside = window.inside(tf.constant([[box]], tf.float32), least)
        return np.argwhere(inside[0, 0].numpy().reshape(3, 3)).tolist()

    assert found([4, 5, 12, 19], 1.0) == [[1, 0], [1, 1]]
    assert found([7, 5, 9, 19], 1.0) == []
    assert found([7, 5, 9, 19], 8.0) == [[1, 0], [1, 1]]
