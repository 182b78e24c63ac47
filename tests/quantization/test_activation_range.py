"""How ranges are observed and learned, by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.quantization.activation_range import MOMENTUM, UNOBSERVED, ActivationRange


def built(**arguments):
    layer = ActivationRange(**arguments)
    layer.build((None, 4))
    return layer


def batch(*values):
    return np.array([values], "float32")


def test_the_first_batch_is_the_range():
    layer = built()
    assert float(layer.high[0]) == UNOBSERVED
    layer(batch(-1, 0, 2, 3), training=True)
    assert (float(layer.low[0]), float(layer.high[0])) == (-1, 3)


def test_the_second_batch_counts_half_and_later_ones_move_it_slowly():
    layer = built()
    layer(batch(-1, 0, 2, 3), training=True)
    layer(batch(-3, 0, 0, 7), training=True)
    assert (float(layer.low[0]), float(layer.high[0])) == (-2, 5)
    layer.observed.assign([1000])
    layer(batch(-2, 0, 0, 15), training=True)
    assert float(layer.high[0]) == pytest.approx(5 + (1 - MOMENTUM) * 10, rel=1e-5)


def test_zero_is_always_inside():
    layer = built()
    layer(batch(2, 3, 4, 5), training=True)
    assert (float(layer.low[0]), float(layer.high[0])) == (0, 5)
    layer = built()
    layer(batch(-5, -4, -3, -2), training=True)
    assert (float(layer.low[0]), float(layer.high[0])) == (-5, 0)


def test_inference_observes_nothing_but_rounds():
    layer = built()
    layer(batch(0, 0, 0, 255), training=True)
    found = layer(batch(-7, 1.4, 99.6, 300))
    np.testing.assert_allclose(found, batch(0, 1, 100, 255), atol=1e-4)
    assert float(layer.high[0]) == 255


def test_sites_are_observed_apart_and_rounded_alike():
    layer = built(sites=2)
    layer(batch(-1, 0, 0, 1), training=True)
    layer(batch(0, 0, 0, 254), site=1, training=True)
    np.testing.assert_array_equal(layer.low, [-1, 0])
    np.testing.assert_array_equal(layer.high, [1, 254])
    # From -1 to 254 steps are 1, at both.
    for site in (0, 1):
        np.testing.assert_allclose(layer(batch(-3, 0.6, 2, 300), site=site), batch(-1, 1, 2, 254))


def test_a_fixed_range_has_no_weights():
    layer = built(fixed=(0.0, 255 / 256))
    assert layer.weights == []
    found = layer(batch(0.001, 0.5, 0.998, 1), training=True)
    np.testing.assert_allclose(found, batch(0, 0.5, 255 / 256, 255 / 256), atol=1e-6)


def test_observation_ends():
    layer = built(observe_steps=2)
    for high in (2, 4, 100):
        layer(batch(0, 0, 0, high), training=True)
    assert float(layer.high[0]) == 3


def learned(low=-1.0, high=1.55):
    """Return a layer that has observed enough and learns the range from `low` to `high`."""
    layer = built(observe_steps=1, learned=True)
    for _ in range(2):
        layer(batch(low, 0, 0, high), training=True)
    return layer


def gain_gradient(layer, values, weights):
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(values, training=True) * weights)
    return tape.gradient(total, layer.gain.value).numpy()


def test_the_range_is_learned_by_the_gradient_of_lsq():
    # Steps are 0.01. -3 is cut off and moves with the low end, 9 with the high one. 0.004 is
    # rounded down by 0.4 steps; a step is 1/255 of high - low.
    found = gain_gradient(learned(), batch(-3, 0.004, 9, 0), batch(2, 3, 5, 7))
    error = 3 * -0.004 / 2.55
    # Gains are factors: their gradient is low and high times that of the ends; both are scaled
    # down by the root of 255 times the number of values.
    expected = np.array([-1.0 * (2 - error), 1.55 * (5 + error)]) / np.sqrt(255 * 4)
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_nothing_is_learned_while_observing():
    layer = built(observe_steps=5, learned=True)
    found = gain_gradient(layer, batch(-3, 0.004, 9, 0), batch(2, 3, 5, 7))
    np.testing.assert_array_equal(found, [0, 0])


def test_training_and_inference_round_alike():
    layer = learned()
    layer.gain.assign([0.9, 1.2])
    values = np.random.default_rng(0).uniform(-2, 3, (50, 4)).astype("float32")
    np.testing.assert_allclose(layer(values, training=True), layer(values), atol=1e-6)


@pytest.mark.parametrize("learned", [False, True])
def test_it_learns_inside_a_compiled_step(learned):
    layer = built(observe_steps=3, learned=learned)
    step = tf.function(lambda values: layer(values, training=True))
    for high in (2, 4, 6, 100):
        step(tf.constant(batch(0, 0, 0, high)))
    assert float(layer.high[0]) == 4
    assert int(layer.observed[0]) == 4


def test_it_is_made_again_from_its_config():
    layer = ActivationRange(fixed=(0.0, 1.0), sites=3, observe_steps=7, learned=True, name="r")
    again = ActivationRange.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.fixed == (0.0, 1.0)


def test_gradients_pass_inside_the_range_only():
    layer = learned()
    values = tf.Variable(batch(-3, 0.004, 9, 0))
    with tf.GradientTape() as tape:
        total = keras.ops.sum(layer(values, training=True))
    np.testing.assert_array_equal(tape.gradient(total, values), batch(0, 1, 0, 1))
