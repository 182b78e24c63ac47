import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import gaussian_nll_loss


def test_by_hand():
    # 0.5 e^-s (mean - target)^2 + 0.5 s: right and sure of a variance of 1; two off; two off and
    # known to be (variance 4); right but sure beyond any clamp.
    mean, log_variance = [3.0, 5.0, 5.0, 3.0], [0.0, 0.0, math.log(4), -20.0]
    found = gaussian_nll_loss(tf.constant(mean), tf.constant(log_variance), tf.fill([4], 3.0))
    np.testing.assert_allclose(found, [0, 2, 0.5 + math.log(2), -10], rtol=1e-6)


def test_the_best_variance_is_the_squared_error():
    log_variances = np.linspace(-2, 4, 601).astype("float32")
    found = gaussian_nll_loss(tf.fill([601], 4.0), tf.constant(log_variances), tf.fill([601], 1.0))
    assert log_variances[np.argmin(found)] == pytest.approx(math.log(9), abs=0.01)


def test_gradients_are_slopes(check_slope):
    zeros = tf.zeros(3, "float64")
    check_slope(lambda x: gaussian_nll_loss(x, zeros - 1, zeros), [-2.0, 0.0, 1.5])
    check_slope(lambda x: gaussian_nll_loss(zeros + 2, x, zeros), [-2.0, 0.0, 1.5])
