import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from edgedet.quantization import observe, quantize_aware, settled

SIZE = (8, 10, 3)


def network():
    """Each kind of weights, with and without a norm, a layer that is called twice, and a merge."""
    images = keras.Input(SIZE, name="images")
    x = layers.Conv2D(4, 3, 2, padding="same", use_bias=False)(images)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(4, 2, 2)(layers.DepthwiseConv2D(3, padding="same")(x))
    twice = layers.Conv2D(4, 1)
    x = layers.Add()([twice(twice(x)), x])
    x = layers.GlobalAveragePooling2D()(layers.Activation("silu")(x))
    return keras.Model(images, {"a": layers.Dense(5)(x), "b": layers.Dense(1, use_bias=False)(x)})


@pytest.fixture(params=[{}, {"learned": True}, {"norm_steps": 3}], ids=str)
def rounded(request):
    keras.utils.set_random_seed(0)
    made = quantize_aware(network(), **request.param)
    observe(made, [np.random.default_rng(0).uniform(0, 1, (4, *SIZE)).astype("float32")])
    for variable in made.trainable_variables:
        # No step is what it was at first, no bias zero.
        noise = keras.random.normal(variable.shape, stddev=0.05, seed=1)
        variable.assign(variable + noise)
    return made


def test_it_answers_as_the_network_that_it_was_made_of(rounded):
    inputs = np.random.default_rng(1).uniform(0, 1, (3, *SIZE)).astype("float32")
    expected = rounded(inputs, training=False)
    found = settled(rounded)(inputs)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])


def test_it_has_no_variables_and_does_not_learn_on(rounded):
    inputs = np.random.default_rng(1).uniform(0, 1, (3, *SIZE)).astype("float32")
    answer = settled(rounded)
    before = answer(inputs)
    assert not tf.function(answer).get_concrete_function(tf.TensorSpec((1, *SIZE))).variables
    for variable in rounded.variables:
        variable.assign(2 * variable)
    for name, value in answer(inputs).items():
        np.testing.assert_array_equal(value, before[name])
