import numpy as np
import pytest
import tensorflow as tf

from edgedet.targets import Targets


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


# Four points of stride 8; the second answers for an object of class 1, the last is ignored.
FACTS = {
    "points": np.array([[4, 4], [12, 4], [4, 12], [12, 12]], "float32"),
    "strides": np.full(4, 8, "float32"),
    "labels": np.array([[-1, 1, -1, -1]]),
    "boxes": np.tile(np.array([4.0, 0, 20, 12], "float32"), (1, 4, 1)),
    "positive": np.array([[False, True, False, False]]),
    "ignored": np.array([[False, False, False, True]]),
    "known": np.ones((1, 3), bool),
}


@pytest.fixture
def make_targets():
    """Make targets of one image, or of the same one several times, with some facts changed."""

    def make(batch=1, **changes):
        facts = {
            key: np.repeat(value, batch, axis=0) if key not in ("points", "strides") else value
            for key, value in {**FACTS, **changes}.items()
        }
        return Targets(**{key: tf.constant(value) for key, value in facts.items()})

    return make
