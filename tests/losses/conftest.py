import numpy as np
import pytest
import tensorflow as tf


@pytest.fixture
def check_slope():
    """Compare the gradient of a function, one value per element, with finite differences."""

    def check(function, values, step=1e-6):
        values = np.asarray(values, "float64")
        at = tf.constant(values)
        with tf.GradientTape() as tape:
            tape.watch(at)
            total = tf.reduce_sum(function(at))
        gradient = tape.gradient(total, at).numpy()
        for place in np.ndindex(values.shape):
            nudge = np.zeros_like(values)
            nudge[place] = step
            above, below = function(tf.constant(values + nudge)), function(at - nudge)
            slope = (np.sum(above) - np.sum(below)) / (2 * step)
            np.testing.assert_allclose(gradient[place], slope, rtol=1e-5, atol=1e-8)

    return check
