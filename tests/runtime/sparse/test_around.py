import numpy as np
import pytest

from edgedet.runtime.sparse.around import Around


@pytest.mark.parametrize("side", [1, 3, 5])
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 3), (5, 7)])
def test_each_patch_has_those_around_it_and_nothing_outside(shape, side):
    around = Around(2, shape, side)
    for seed in range(2):
        values = np.random.default_rng(seed).normal(size=(2, *shape)).astype("float32")
        found = around(values.reshape(2, -1)).reshape(2, side, side, *shape)
        for row, column, down, right in np.ndindex(*shape, side, side):
            place = row + down - side // 2, column + right - side // 2
            inside = 0 <= place[0] < shape[0] and 0 <= place[1] < shape[1]
            expected = values[:, place[0], place[1]] if inside else 0
            np.testing.assert_array_equal(found[:, down, right, row, column], expected)
