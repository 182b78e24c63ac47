import numpy as np
import pytest

from edgedet.runtime.integers import OutputCode, input_code

LEVELS = np.arange(256, dtype="uint8").reshape(1, 1, 256, 1)


@pytest.mark.parametrize(
    ("dtype", "scale", "zero_point", "expected"),
    [
        # The usual input: pixel - 128.
        (np.int8, 1 / 255, -128, np.arange(-128, 128)),
        # Three times the step: 0, 1, 2, 3 become 0, 0, 1, 1.
        (np.int8, 3 / 255, -128, (np.arange(256) + 1) // 3 - 128),
        # Half the step runs over and is held at 127.
        (np.int8, 0.5 / 255, -128, np.minimum(2 * np.arange(256) - 128, 127)),
        (np.uint8, 1 / 255, 0, np.arange(256)),
    ],
)
def test_pixels_become_integers_by_scale_and_zero_point(dtype, scale, zero_point, expected):
    code = input_code({"dtype": dtype, "quantization": (np.float32(scale), zero_point)})
    integers = code(LEVELS)
    assert integers.dtype == dtype
    np.testing.assert_array_equal(integers.ravel(), expected)


def test_a_float_input_gets_shares_of_255():
    real = input_code({"dtype": np.float32, "quantization": (0.0, 0)})(LEVELS)
    assert real.dtype == np.float32
    np.testing.assert_allclose(real.ravel(), np.arange(256) / 255, rtol=1e-6)


def test_what_comes_out_is_scaled_and_floats_stay():
    code = OutputCode(index=0, scale=0.25, zero_point=-3)
    # (5 + 3) / 4 and (-3 + 3) / 4.
    np.testing.assert_array_equal(code.real(np.array([5, -3], "int8")), np.float32([2, 0]))
    floats = np.float32([0.1])
    assert code.real(floats) is floats
