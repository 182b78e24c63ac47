import numpy as np
import pytest

from edgedet.geometry import points


def test_points_by_hand():
    # 16x24 pixels: two rows of three cells of 8, then one row of two cells of 16.
    centres, strides = points.grid_points((16, 24), strides=(8, 16))
    expected = [(4, 4), (12, 4), (20, 4), (4, 12), (12, 12), (20, 12), (8, 8), (24, 8)]
    np.testing.assert_array_equal(centres, expected)
    np.testing.assert_array_equal(strides, [8] * 6 + [16] * 2)
    assert centres.dtype == strides.dtype == np.float32


@pytest.mark.parametrize(
    ("input_size", "stride", "expected"),
    [((128, 128), 4, (32, 32)), ((127, 129), 32, (4, 5)), ((1, 33), 32, (1, 2))],
)
def test_feature_size_counts_cut_cells(input_size, stride, expected):
    assert points.feature_size(input_size, stride) == expected


def test_the_axes_of_a_level_are_its_columns_and_rows():
    columns, rows = points.level_axes((2, 3), 8)
    assert (columns.tolist(), rows.tolist()) == ([4, 12, 20], [4, 12])
    assert columns.dtype == rows.dtype == np.float32


def test_every_level_covers_the_input():
    for stride in (4, 8, 16, 32):
        centres = points.level_points(points.feature_size((100, 75), stride), stride)
        assert (centres.max(axis=0) + stride / 2 >= [75, 100]).all()
        assert (centres.min(axis=0) == stride / 2).all()
