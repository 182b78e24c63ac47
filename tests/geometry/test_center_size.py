import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgedet.geometry import center_size, points


def test_code_by_hand(asarray):
    # A 16x4 box centred on (14, 18), seen from (12, 20) on stride 8.
    box = asarray([[6, 16, 22, 20]])
    code = center_size.encode(box, asarray([[12, 20]]), asarray([8]))
    np.testing.assert_allclose(code, [[0.25, -0.25, math.log(2), math.log(0.5)]], atol=1e-6)
    np.testing.assert_allclose(
        center_size.decode(code, asarray([[12, 20]]), asarray([8])), box, atol=1e-5
    )


@given(
    arrays("float32", (5, 2), elements=st.floats(-200, 200, width=32)),
    arrays("float32", (5, 2), elements=st.floats(0.5, 300, width=32)),
)
def test_decode_undoes_encode(corners, sides):
    centres, strides = points.grid_points((64, 64), strides=(16, 32))
    truth = np.resize(np.hstack([corners, corners + sides]), (len(centres), 4))
    code = center_size.encode(truth, centres, strides)
    np.testing.assert_allclose(center_size.decode(code, centres, strides), truth, atol=2e-3)
