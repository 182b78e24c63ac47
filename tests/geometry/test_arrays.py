import keras
import numpy as np

from edgedet.geometry.arrays import namespace_of


def test_one_tensor_decides():
    array, tensor = np.zeros(3), keras.ops.zeros(3)
    assert namespace_of(array) is np
    assert namespace_of(array, np.float32(1), 2.0, [3]) is np
    assert namespace_of(tensor) is keras.ops
    assert namespace_of(array, tensor) is keras.ops
