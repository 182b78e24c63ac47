import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses.uncertainty import LIMIT, uncertainty_loss

# What the second point is to say of the box [4, 0, 20, 12]: strides from (12, 4).
WANTED = [1.0, 0.5, 1.0, 1.0]


def cost_and_slopes(make_targets, log_variance, said, fit=1.0):
    """Return the cost of the second point and its slopes by log-variance and distances."""
    log_variance = tf.Variable(np.broadcast_to(log_variance, (1, 4, 4)), dtype=tf.float32)
    said = tf.Variable(np.broadcast_to(said, (1, 4, 4)), dtype=tf.float32)
    with tf.GradientTape() as tape:
        cost = uncertainty_loss(log_variance, said, make_targets(), tf.fill([1, 4], fit))[0, 1]
    by_variance, by_said = tape.gradient(cost, [log_variance, said])
    return float(cost), by_variance.numpy()[0, 1], by_said


def test_by_hand(make_targets):
    # Sides 0, 1, 2 and 0 strides off, of variance 4: squares of 5 in all.
    said = [1.0, 1.5, 3.0, 1.0]
    cost, slope, _ = cost_and_slopes(make_targets, math.log(4), said)
    assert cost == pytest.approx((0.5 * 5 / 4 + 4 * 0.5 * math.log(4)) / 4, rel=1e-5)
    # (1 - error^2 / variance) / 2 of each side, a quarter of it in the mean.
    np.testing.assert_allclose(slope, np.array([1, 0.75, 0, 1]) / 8, atol=1e-6)


def test_boxes_count_as_they_fit(make_targets):
    said = [1.0, 1.5, 3.0, 1.0]
    whole, slope, _ = cost_and_slopes(make_targets, 0.3, said)
    half, half_slope, _ = cost_and_slopes(make_targets, 0.3, said, fit=0.5)
    assert half == pytest.approx(whole / 2)
    np.testing.assert_allclose(half_slope, slope / 2)


def test_the_variance_takes_nothing_from_the_mean(make_targets):
    # Whatever it is: the gradient of the mean is that of the box loss alone.
    for log_variance in (-20.0, 0.0, 20.0):
        assert cost_and_slopes(make_targets, log_variance, [3.0] * 4)[2] is None


@pytest.mark.parametrize("sign", [-1, 1])
def test_beyond_the_limits_the_cost_stays_and_the_slope_leads_back(make_targets, sign):
    # Sides that are 1 off: a variance of e^5 is too much, one of e^-5 too little.
    said = np.array(WANTED) + 1.0
    cost, slope, _ = cost_and_slopes(make_targets, sign * LIMIT, said)
    far_cost, far_slope, _ = cost_and_slopes(make_targets, sign * 50.0, said)
    assert far_cost == pytest.approx(cost)
    np.testing.assert_allclose(far_slope, slope, rtol=1e-5)
    assert (np.sign(far_slope) == sign).all()


def test_it_learns_the_error_of_each_side(make_targets):
    errors = np.array([0.1, 0.5, 1.0, 4.0])
    generator = np.random.default_rng(0)
    log_variance = tf.Variable(tf.zeros([4]))
    for step in range(600):
        said = WANTED + generator.normal(0, errors)
        _, slope, _ = cost_and_slopes(make_targets, log_variance.numpy(), said)
        # The curvature at the optimum is an eighth.
        log_variance.assign_sub(8.0 * slope / (2 + step / 4))
    np.testing.assert_allclose(np.exp(log_variance.numpy() / 2), errors, rtol=0.2)
