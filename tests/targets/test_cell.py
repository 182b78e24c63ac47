import math

import numpy as np
import pytest

from edgedet.geometry import center_size
from edgedet.geometry.points import level_points
from edgedet.targets import assign_center_cell


def test_a_box_by_hand():
    # Centre (14, 21), 12 x 6: cell column 1, row 2 of stride 8, whose centre is (12, 20).
    found = assign_center_cell([[8, 18, 20, 24]], (4, 6), 8)
    assert np.argwhere(found["positive"]).tolist() == [[2, 1]]
    expected = [2 / 8, 1 / 8, math.log(12 / 8), math.log(6 / 8)]
    np.testing.assert_allclose(found["box"][2, 1], expected, atol=1e-6)
    assert not found["box"][~found["positive"]].any()
    assert found["positive"].dtype == bool
    assert found["box"].dtype == np.float32


def test_a_centre_on_the_line_belongs_to_the_cell_that_begins_there():
    found = assign_center_cell([[4, 4, 12, 12]], (4, 4), 8)
    assert np.argwhere(found["positive"]).tolist() == [[1, 1]]
    np.testing.assert_allclose(found["box"][1, 1], [-0.5, -0.5, 0, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("box", "cell"),
    [([-20, -20, 4, 4], [0, 0]), ([30, 30, 90, 50], [3, 5]), ([44, 12, 52, 20], [2, 5])],
)
def test_a_centre_outside_belongs_to_the_nearest_cell(box, cell):
    found = assign_center_cell([box], (4, 6), 8)
    assert np.argwhere(found["positive"]).tolist() == [cell]


def test_the_later_of_two_wins():
    found = assign_center_cell([[8, 8, 16, 16], [10, 10, 12, 12]], (4, 4), 8)
    np.testing.assert_allclose(found["box"][1, 1, 2:], [math.log(2 / 8)] * 2, atol=1e-6)


def test_sides_count_as_at_least_a_pixel():
    found = assign_center_cell([[12, 12, 12, 12.25]], (4, 4), 8)
    np.testing.assert_allclose(found["box"][1, 1, 2:], [math.log(1 / 8)] * 2, atol=1e-6)


def test_no_boxes():
    found = assign_center_cell(np.zeros((0, 4)), (2, 3), 8)
    assert found["positive"].shape == (2, 3)
    assert not found["positive"].any()


def test_the_code_says_the_box(random_boxes):
    for box in random_boxes(0, 8):
        found = assign_center_cell(box[None], (8, 12), 8)
        points = level_points((8, 12), 8).reshape(8, 12, 2)[found["positive"]]
        said = center_size.decode(found["box"][found["positive"]], points, np.array([8.0]))
        np.testing.assert_allclose(said, box[None], atol=1e-3)
