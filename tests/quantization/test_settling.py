import keras
import numpy as np
import pytest
from keras import layers

from edgedet.quantization import observe, quantize_aware, settled
from edgedet.quantization.activation_range import ActivationRange
from edgedet.quantization.rounded_weights import RoundedWeights

SIZE = (8, 10, 3)


def network():
    """Each kind of weights, with and without a norm; what is called twice, merged or dropped."""
    images = keras.Input(SIZE, name="images")
    x = layers.Conv2D(4, 3, 2, padding="same", use_bias=False)(images)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(4, 2, 2)(layers.DepthwiseConv2D(3, padding="same")(x))
    twice = layers.Conv2D(4, 1)
    x = layers.Concatenate()([layers.Add()([twice(twice(x)), x]), x])
    x = layers.PReLU(shared_axes=(1, 2))(layers.Conv2D(4, 1)(x))
    x = layers.Dropout(0.5)(x, training=True)
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


def test_it_does_not_learn_on(rounded):
    inputs = np.random.default_rng(1).uniform(0, 1, (3, *SIZE)).astype("float32")
    answer = settled(rounded)
    before = answer(inputs)
    for layer in rounded.layers:
        if isinstance(layer, (RoundedWeights, ActivationRange)):
            for variable in layer.variables:
                variable.assign(2 * variable)
    for name, value in answer(inputs).items():
        np.testing.assert_array_equal(value, before[name])


def test_several_inputs_find_their_places():
    keras.utils.set_random_seed(0)
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    dense = layers.Dense(3)
    outputs = layers.Add()([dense(first), layers.Dense(3)(second)])
    made = quantize_aware(keras.Model({"second": second, "first": first}, outputs))
    inputs = {name: np.full((2, 4), 0.1 * place, "float32") for place, name in enumerate("ab", 1)}
    inputs = {"first": inputs["a"], "second": inputs["b"]}
    observe(made, [inputs])
    np.testing.assert_array_equal(settled(made)(inputs), made(inputs, training=False))


def test_it_keeps_all_digits_under_a_policy_of_fewer(rounded):
    inputs = np.random.default_rng(1).uniform(0, 1, (3, *SIZE)).astype("float32")
    expected = rounded(inputs, training=False)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = settled(rounded)(inputs)
    finally:
        keras.config.set_dtype_policy(before)
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])
