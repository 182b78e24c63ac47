import keras
import numpy as np
import pytest

from edgedet.geometry.arrays import columns, namespace_of


def test_one_tensor_decides():
    array, tensor = np.zeros(3), keras.ops.zeros(3)
    assert namespace_of(array) is np
    assert namespace_of(array, np.float32(1), 2.0, [3]) is np
    assert namespace_of(tensor) is keras.ops
    assert namespace_of(array, tensor) is keras.ops


@pytest.mark.parametrize("asarray", [np.asarray, keras.ops.convert_to_tensor])
def test_columns_are_the_entries_of_the_last_axis(asarray):
    found = columns(asarray(np.arange(24).reshape(2, 3, 4)))
    assert len(found) == 4
    np.testing.assert_array_equal(found[1], [[1, 5, 9], [13, 17, 21]])
