"""The grids of INT8, by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.quantization.rounding import round_activations, round_weights


def gradient(function, value):
    variable = tf.Variable(np.asarray(value, "float32"))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(function(variable))
    return tape.gradient(total, variable).numpy()


def test_a_channel_has_127_steps_up_to_its_largest_weight():
    # Two channels with steps of 1 and of 0.1: halves go to the even integer.
    kernel = np.array([[127.0, -12.7], [2.4, 0.24], [-3.5, 0.06]], "float32")
    expected = [[127.0, -12.7], [2.0, 0.2], [-4.0, 0.1]]
    np.testing.assert_allclose(round_weights(kernel, (0,)), expected, atol=1e-5)


def test_rounding_again_changes_nothing():
    # The converter measures the grid anew on rounded weights, and must find the same.
    kernel = np.random.default_rng(0).normal(size=(3, 3, 8, 4)).astype("float32")
    once = round_weights(kernel, (0, 1, 2), 0.8)
    np.testing.assert_allclose(round_weights(once, (0, 1, 2)), once, atol=1e-6)


def test_a_channel_of_zeros_stays_zero():
    kernel = np.zeros((3, 2), "float32")
    np.testing.assert_array_equal(round_weights(kernel, (0,)), kernel)


def test_a_smaller_gain_cuts_off_and_rounds_more_finely():
    # The largest weight is 254, so with half of it a step is 1 again.
    kernel = np.array([[254.0], [-200.0], [3.4]], "float32")
    np.testing.assert_allclose(round_weights(kernel, (0,), 0.5), [[127], [-127], [3]], atol=1e-4)


def test_the_gradient_of_weights_passes_where_nothing_is_cut_off():
    kernel = [[254.0], [-200.0], [3.4]]
    np.testing.assert_allclose(gradient(lambda k: round_weights(k, (0,)), kernel), 1)
    cut = gradient(lambda k: round_weights(k, (0,), 0.5), kernel)
    np.testing.assert_allclose(cut, [[0], [0], [1]])


def test_the_gradient_of_the_gain_is_that_of_lsq():
    # Steps 254/127 * 0.5 = 1. What is cut off gives +-127 of d step / d gain = 2; 3.4, rounded
    # to 3, gives (3 - 3.4) * 2.
    kernel = np.array([[254.0], [-200.0], [3.4]], "float32")
    weights = np.array([[1.0], [10.0], [100.0]], "float32")
    found = gradient(lambda gain: weights * round_weights(kernel, (0,), gain), 0.5)
    assert found == pytest.approx(2 * (127 - 1270 + 100 * (3 - 3.4)), rel=1e-4)


def test_activations_have_256_steps():
    # From -1 to 1.55 steps are 0.01; what lies outside is cut off.
    values = np.array([-3.0, -0.004, 0.006, 1.234, 9.0], "float32")
    found = round_activations(values, -1.0, 1.55)
    np.testing.assert_allclose(found, [-1.0, 0.0, 0.01, 1.23, 1.55], atol=1e-5)


def test_zero_is_on_every_grid():
    # Padding adds zeros, so the range moves by less than a step.
    assert float(round_activations(np.float32(0.0), -0.997, 1.003)) == 0


def test_the_gradient_of_activations_passes_inside_their_range():
    found = gradient(lambda values: round_activations(values, -1.0, 1.0), [-2.0, 0.3, 2.0])
    np.testing.assert_array_equal(found, [0, 1, 0])


def test_integers_give_what_the_rounded_network_computes():
    # A dot product of integers, scaled, is the dot product of what the grids stand for.
    generator = np.random.default_rng(0)
    inputs, kernel = generator.uniform(0, 1, (5, 8)), generator.normal(size=(8, 3))
    inputs, kernel = inputs.astype("float32"), kernel.astype("float32")
    step = np.abs(kernel).max(axis=0) / 127
    integers = np.rint(inputs * 255) @ np.rint(kernel / step)
    found = keras.ops.matmul(round_activations(inputs, 0.0, 1.0), round_weights(kernel, (0,)))
    np.testing.assert_allclose(found, integers / 255 * step, atol=1e-5)
