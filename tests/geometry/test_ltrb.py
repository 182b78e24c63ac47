import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgedet.geometry import ltrb, points


@given(
    arrays("float32", (7, 4), elements=st.floats(-300, 300, width=32)),
    st.sampled_from([(64, 96), (33, 70)]),
)
def test_decode_undoes_encode(truth, input_size):
    centres, strides = points.grid_points(input_size, strides=(8, 16, 32))
    truth = np.resize(truth, (len(centres), 4))
    code = ltrb.encode(truth, centres, strides)
    np.testing.assert_allclose(ltrb.decode(code, centres, strides), truth, atol=1e-3)


def test_decode_places_sides_around_the_point(asarray):
    # A point at (12, 20) on stride 8; sides 1, 2, 3 and 0.5 strides away.
    box = ltrb.decode(asarray([1, 2, 3, 0.5]), asarray([12, 20]), asarray(8))
    np.testing.assert_allclose(box, [4, 4, 36, 24])


def test_encode_by_hand(asarray):
    # Left 8, top 16, right 24, bottom 4 pixels away, on stride 8; a point outside is negative.
    centres, strides = asarray([[12, 20], [2, 20]]), asarray([8, 8])
    code = ltrb.encode(asarray([[4, 4, 36, 24], [4, 4, 36, 24]]), centres, strides)
    np.testing.assert_allclose(code, [[1, 2, 3, 0.5], [-0.25, 2, 4.25, 0.5]])


def test_batches_share_points(asarray):
    centres, strides = points.grid_points((16, 16), strides=(8,))
    truth = np.arange(2 * 4 * 4, dtype="float32").reshape(2, 4, 4)
    code = ltrb.encode(asarray(truth), centres, strides)
    np.testing.assert_allclose(ltrb.decode(code, centres, strides), truth, atol=1e-5)


def test_activate_is_softplus(asarray):
    # ln 2 at 0, ln(1 + e) at 1, the number itself far above, nothing far below.
    found = ltrb.activate(asarray([0, 1, -1, 500, -500]))
    np.testing.assert_allclose(found, [0.693147, 1.313262, 0.313262, 500, 0], atol=1e-6)


def test_activate_has_the_slope_of_softplus():
    # Which is the sigmoid; also at 0, where a fresh head starts.
    raw = tf.constant([0.0, 2.0, -2.0, 80.0, -80.0])
    with tf.GradientTape() as tape:
        tape.watch(raw)
        distances = ltrb.activate(raw)
    slopes = tape.gradient(distances, raw)
    np.testing.assert_allclose(slopes, [0.5, 0.880797, 0.119203, 1, 0], atol=1e-6)
