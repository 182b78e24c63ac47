import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import distribution_focal_loss

# Shares 1/8, 1/4, 1/2, 1/8 of the whole numbers 0 to 3.
LOGITS = np.log([0.125, 0.25, 0.5, 0.125]).astype("float32")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        # A whole number asks for its own share alone, also the first and the last.
        (0.0, math.log(8)),
        (2.0, math.log(2)),
        (3.0, math.log(8)),
        # Half way between 1 and 2, and a quarter of the way.
        (1.5, 0.5 * math.log(4) + 0.5 * math.log(2)),
        (1.25, 0.75 * math.log(4) + 0.25 * math.log(2)),
        # Beyond the ends: the ends.
        (-4.0, math.log(8)),
        (9.0, math.log(8)),
    ],
)
def test_by_hand(target, expected):
    found = distribution_focal_loss(tf.constant(LOGITS), tf.constant(target))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_one_value_per_distance():
    logits = tf.constant(np.tile(LOGITS, (2, 5, 4, 1)))
    found = distribution_focal_loss(logits, tf.fill([2, 5, 4], 2.0))
    np.testing.assert_allclose(found, np.full((2, 5, 4), math.log(2)), rtol=1e-5)


def test_the_best_distribution_has_the_target_as_its_mean():
    logits, target = tf.Variable(tf.zeros([4])), tf.constant(1.25)
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = distribution_focal_loss(logits, target)
        logits.assign_sub(2.0 * tape.gradient(loss, logits))
    shares = tf.nn.softmax(logits).numpy()
    assert shares @ np.arange(4) == pytest.approx(1.25, abs=0.01)


def test_gradients_are_slopes(check_slope):
    logits = LOGITS.astype("float64")
    check_slope(lambda x: distribution_focal_loss(x, tf.constant(1.25, "float64")), logits)


def test_logits_of_any_size_are_finite():
    found = distribution_focal_loss(tf.constant([1e4, -1e4, 0.0]), tf.constant(0.5))
    assert float(found) == pytest.approx(1e4)
