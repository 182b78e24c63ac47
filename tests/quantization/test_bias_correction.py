"""Bias correction: features keep their means."""

import keras
import numpy as np
from keras import layers

from edgedet.quantization import observe, quantize_aware, quantize_post_training
from edgedet.quantization.bias_correction import correct_biases

INPUTS = np.random.default_rng(1).uniform(0, 1, (16, 16, 16, 3)).astype("float32")


def network():
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    features = layers.DepthwiseConv2D(3, use_bias=False)(images)
    features = layers.Conv2D(16, 1, use_bias=False, name="first")(features)
    features = layers.ReLU(6.0)(layers.BatchNormalization(name="norm")(features))
    made = keras.Model(images, layers.Conv2D(4, 3, name="last")(features))
    # One large weight makes the steps of the others coarse.
    for name in ("first", "last"):
        kernel = made.get_layer(name).kernel
        values = kernel.numpy()
        values[0, 0, 0] = 40 * np.abs(values).max()
        kernel.assign(values)
    return made


def shift(made, source):
    """Return how far the means of the output channels are from those of the network."""
    axes = (0, 1, 2)
    return np.abs(np.mean(made(INPUTS), axes) - np.mean(source(INPUTS), axes)).max()


def test_means_are_those_of_the_network_again():
    source = network()
    made = quantize_aware(source)
    observe(made, [INPUTS])
    before = shift(made, source)

    correct_biases(made, source, [INPUTS[:8], INPUTS[8:]])

    # The output itself is rounded, which the mean of many cells hardly shows.
    assert before > 0.01 and shift(made, source) < 0.3 * before


def test_weights_stay_and_the_network_is_not_changed():
    source = network()
    kept = [weight.numpy() for weight in source.weights]
    made = quantize_post_training(source, [INPUTS])
    for weight, value in zip(source.weights, kept, strict=True):
        np.testing.assert_array_equal(weight, value)
    kernels = [weight.numpy() for weight in made.weights if "kernel" in weight.path]
    originals = [value for value in kept if value.ndim == 4]
    for kernel, original in zip(kernels, originals, strict=True):
        np.testing.assert_array_equal(kernel, original)
