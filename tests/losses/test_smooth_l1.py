import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import smooth_l1_loss


@pytest.mark.parametrize(
    ("distance", "beta", "expected"),
    [
        # Squared near zero, linear far away, and where they meet.
        (0.5, 1.0, 0.125),
        (-0.5, 1.0, 0.125),
        (3.0, 1.0, 2.5),
        (-3.0, 1.0, 2.5),
        (1.0, 1.0, 0.5),
        (0.0, 1.0, 0.0),
        (1.0, 2.0, 0.25),
        (3.0, 2.0, 2.0),
    ],
)
def test_by_hand(distance, beta, expected):
    found = smooth_l1_loss(tf.constant([5.0 + distance]), tf.constant([5.0]), beta)
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_gradients_are_slopes_on_both_branches(check_slope):
    check_slope(lambda x: smooth_l1_loss(x, tf.zeros(4, "float64"), 0.5), [-2.0, -0.2, 0.0, 3.0])


def test_the_slope_has_no_jump_where_the_branches_meet():
    at = tf.constant([0.999, 1.001, 1e6])
    with tf.GradientTape() as tape:
        tape.watch(at)
        loss = smooth_l1_loss(at, tf.zeros(3))
    np.testing.assert_allclose(tape.gradient(loss, at), [0.999, 1, 1], rtol=1e-6)
