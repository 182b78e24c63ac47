"""Folded layers answer as convolution and batch normalization do, on rounded weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from edgedet.quantization.rounded_weights import RoundedWeights
from edgedet.quantization.rounding import round_weights

IMAGES = np.random.default_rng(0).normal(size=(4, 6, 6, 3)).astype("float32")


def unsettle(norm):
    """Give a batch normalization the look of training."""
    generator = np.random.default_rng(0)
    norm.set_weights([generator.uniform(0.4, 1.5, weight.shape) for weight in norm.weights])


LAYERS = {
    "conv": (lambda: layers.Conv2D(5, 3, 2, "same"), (0, 1, 2), 5),
    "dilated": (lambda: layers.Conv2D(5, 3, dilation_rate=2, use_bias=False), (0, 1, 2), 5),
    "depthwise": (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), (0, 1), 6),
    "transposed": (lambda: layers.Conv2DTranspose(5, 3, 2, "same"), (0, 1, 3), 5),
    "dense": (lambda: layers.Dense(5), (0,), 5),
}


def folded(kind, norm, **arguments):
    keras.utils.set_random_seed(0)
    layer = RoundedWeights(LAYERS[kind][0](), norm, **arguments)
    layer(IMAGES)
    if norm:
        unsettle(norm)
    if layer.layer.bias is not None:
        layer.layer.bias.assign(np.linspace(-1, 2, layer.layer.bias.shape[0]))
    return layer


@pytest.mark.parametrize("kind", LAYERS)
def test_without_a_norm_it_is_the_layer_with_rounded_weights(kind):
    layer = folded(kind, None)
    found = layer(IMAGES)
    layer.layer.kernel.assign(round_weights(layer.layer.kernel, LAYERS[kind][1]))
    np.testing.assert_allclose(found, layer.layer(IMAGES), atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("plain", [False, True])
def test_weights_are_rounded_after_the_norm_is_folded_in(kind, plain):
    # By hand: gamma / sqrt(variance + epsilon) multiplies each output channel.
    _, axes, channels = LAYERS[kind]
    norm = layers.BatchNormalization(center=not plain, scale=not plain)
    layer = folded(kind, norm)
    found = layer(IMAGES)
    kernel = layer.layer.kernel
    gamma = 1.0 if plain else norm.gamma.numpy()
    scale = gamma / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    shape = [1 if axis in axes else side for axis, side in enumerate(kernel.shape)]
    assert np.prod(shape) == channels
    scaled = kernel.numpy() * scale.reshape(shape)
    # What is left of the norm is a bias.
    bias = -norm.moving_mean.numpy() * scale + (0.0 if plain else norm.beta.numpy())
    if layer.layer.bias is not None:
        bias = bias + layer.layer.bias.numpy() * scale
        layer.layer.bias.assign(np.zeros(channels))
    kernel.assign(round_weights(scaled, axes))
    np.testing.assert_allclose(found, layer.layer(IMAGES) + bias, atol=1e-4)


def test_training_on_batch_statistics_is_batch_normalization():
    # But for the rounding of weights, which the tolerance covers.
    norm, twin = (layers.BatchNormalization(momentum=0.5) for _ in range(2))
    layer = folded("conv", norm, norm_steps=10)
    outputs = layer.layer(IMAGES)
    twin.build(outputs.shape)
    unsettle(twin)
    expected = twin(outputs, training=True)
    np.testing.assert_allclose(layer(IMAGES, training=True), expected, atol=0.05)
    for running, other in zip(norm.weights, twin.weights, strict=True):
        np.testing.assert_allclose(running, other, atol=0.02, err_msg=running.path)


def test_the_statistics_are_frozen_after_their_steps():
    norm = layers.BatchNormalization()
    layer = folded("conv", norm, norm_steps=2)
    step = tf.function(lambda: layer(IMAGES, training=True))
    before = norm.moving_mean.numpy()
    step(), step()
    frozen = norm.moving_mean.numpy()
    assert (before != frozen).all()
    np.testing.assert_allclose(step(), layer(IMAGES), atol=1e-5)
    np.testing.assert_array_equal(norm.moving_mean, frozen)


@pytest.mark.parametrize("arguments", [{"norm_steps": 0}, {"norm_steps": 5}])
def test_a_norm_that_is_not_trainable_is_frozen_from_the_start(arguments):
    norm = layers.BatchNormalization(trainable=not arguments["norm_steps"])
    layer = folded("conv", norm, **arguments)
    before = norm.moving_mean.numpy()
    np.testing.assert_allclose(layer(IMAGES, training=True), layer(IMAGES), atol=1e-5)
    np.testing.assert_array_equal(norm.moving_mean, before)


def test_a_channel_whose_gamma_is_zero_learns_on():
    norm = layers.BatchNormalization()
    layer = folded("conv", norm, norm_steps=5)
    norm.gamma.assign([0, 1, 1, 1, 1])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(IMAGES, training=True) ** 2 * np.arange(1.0, 6.0))
    gradient = tape.gradient(total, norm.gamma.value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("norm_steps", [0, 5])
@pytest.mark.parametrize("learned", [False, True])
def test_gradients_reach_every_weight(norm_steps, learned):
    layer = folded("conv", layers.BatchNormalization(), norm_steps=norm_steps, learned=learned)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(IMAGES, training=True) ** 3)
    gradients = tape.gradient(total, [weight.value for weight in layer.trainable_weights])
    names = [weight.path for weight in layer.trainable_weights]
    assert len(names) == 4 + learned
    for name, gradient in zip(names, gradients, strict=True):
        # A bias in front of batch statistics changes nothing.
        assert gradient is not None and (np.any(gradient) or "bias" in name), name


def test_learned_steps_have_one_gain_a_channel():
    layer = folded("depthwise", layers.BatchNormalization(), learned=True)
    assert layer.gain.shape == (1, 1, 3, 2)
    before = layer(IMAGES)
    layer.gain.assign(np.full((1, 1, 3, 2), 1.5))
    # More than the largest weight would leave integers unused.
    np.testing.assert_array_equal(layer(IMAGES), before)


def test_it_is_made_again_from_its_config():
    layer = folded("conv", layers.BatchNormalization(), norm_steps=3, learned=True, name="folded")
    again = RoundedWeights.from_config(layer.get_config())
    again(IMAGES)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(IMAGES), layer(IMAGES))
    assert again.get_config() == layer.get_config()
