import numpy as np
import tensorflow as tf

from edgedet.geometry.centerness import centerness


def test_centerness_by_hand(asarray):
    # The centre; sqrt(1/3 * 1); sqrt(1/4 * 1/4); on the left side; beyond two sides.
    ltrb = asarray([[2, 3, 2, 3], [1, 2, 3, 2], [1, 4, 4, 1], [0, 1, 2, 1], [-1, -1, 3, 3]])
    np.testing.assert_allclose(centerness(ltrb), [1, 3**-0.5, 0.25, 0, 0], atol=1e-6)


def test_centerness_has_no_unit(asarray):
    ltrb = np.random.default_rng(0).uniform(0, 9, (20, 4)).astype("float32")
    np.testing.assert_allclose(centerness(asarray(ltrb * 8)), centerness(ltrb), atol=1e-6)


def test_gradient_is_finite_on_the_border_and_outside():
    ltrb = tf.constant([[0.0, 1, 2, 1], [-1, 2, 3, 1], [0, 0, 0, 0], [1, 2, 3, 4]])
    with tf.GradientTape() as tape:
        tape.watch(ltrb)
        value = centerness(ltrb)
    gradient = tape.gradient(value, ltrb).numpy()
    assert np.isfinite(gradient).all()
    # sqrt(l/r * t/b) at (1, 2, 3, 4): d/dl = value / (2 l), d/dr = -value / (2 r), ...
    value = (1 / 3 * 2 / 4) ** 0.5
    expected = [value / 2, value / 4, -value / 6, -value / 8]
    np.testing.assert_allclose(gradient[3], expected, rtol=1e-5)
