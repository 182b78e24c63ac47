import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.models.norm import BatchNorm

INPUTS = np.random.default_rng(0).normal(3, 2, (4, 6, 5, 3)).astype("float32")


@pytest.fixture
def pair():
    """Our layer and Keras's own with the same weights, none of them as it begins."""
    generator = np.random.default_rng(1)
    weights = [generator.uniform(0.5, 1.5, 3).astype("float32") for _ in range(4)]
    made = BatchNorm(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)
    for layer in made:
        layer.build(INPUTS.shape)
        layer.set_weights(weights)
    return made


def learn(layer, training=True):
    inputs = tf.constant(INPUTS)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=training)
        loss = tf.reduce_sum(outputs * tf.constant(INPUTS[::-1].copy()))
    return outputs, *tape.gradient(loss, [inputs, layer.gamma, layer.beta])


def test_it_computes_what_keras_does(pair):
    for found, expected in zip(*map(learn, pair), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    ours, keras_layer = pair
    np.testing.assert_allclose(ours.moving_mean, keras_layer.moving_mean, rtol=1e-5)


def test_the_running_variance_is_the_unbiased_one(pair):
    ours, _ = pair
    before = ours.moving_variance.numpy()
    ours(INPUTS, training=True)
    expected = 0.9 * before + 0.1 * INPUTS.var(axis=(0, 1, 2), ddof=1)
    np.testing.assert_allclose(ours.moving_variance, expected, rtol=1e-5)


def test_out_of_training_it_is_keras_own_and_learns_nothing(pair):
    ours, keras_layer = pair
    before = [weight.numpy() for weight in ours.weights]
    for trainable, training in ((True, False), (False, True)):
        ours.trainable = keras_layer.trainable = trainable
        for found, expected in zip(*(learn(each, training) for each in pair), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    for weight, value in zip(ours.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


@pytest.mark.parametrize("training", [False, True])
def test_half_precision_is_kept(pair, training):
    half = [
        type(layer).from_config(layer.get_config() | {"dtype": "mixed_bfloat16"}) for layer in pair
    ]
    for layer, whole in zip(half, pair, strict=True):
        layer.build(INPUTS.shape)
        layer.set_weights(whole.get_weights())
    found, expected = (layer(INPUTS, training=training) for layer in half)
    assert found.dtype == tf.bfloat16
    np.testing.assert_allclose(*(tf.cast(each, "float32") for each in (found, expected)), atol=0.05)
