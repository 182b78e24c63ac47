"""Both worlds that geometry lives in."""

import keras
import numpy as np
import pytest


@pytest.fixture(params=[np.asarray, keras.ops.convert_to_tensor], ids=["numpy", "keras"])
def asarray(request):
    """Turn numbers into a NumPy array or into a Keras tensor, float32."""
    return lambda numbers: request.param(np.asarray(numbers, "float32"))
