"""A network small enough to convert in half a second, with everything a detector has."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.manifest import Level, Manifest

SIDE = 32


@keras.saving.register_keras_serializable(package="edgedet-tests")
class Double(layers.Layer):
    def call(self, inputs):
        height, width = inputs.shape[1:3]
        return keras.ops.image.resize(inputs, (2 * height, 2 * width), interpolation="nearest")


@dataclasses.dataclass(frozen=True)
class TinyModel:
    network: keras.Model
    class_names: tuple = ("face",)
    stages: tuple = ()

    def manifest(self, **changes):
        levels = (Level.of_stride(4), Level.of_stride(8))
        return dataclasses.replace(
            Manifest("phantom", (SIDE, SIDE), self.class_names, levels), **changes
        )


def block(inputs, filters, stride=1, depthwise=False):
    make = layers.DepthwiseConv2D if depthwise else layers.Conv2D
    arguments = (3, stride) if depthwise else (filters, 3, stride)
    hidden = make(*arguments, padding="same", use_bias=False)(inputs)
    return layers.ReLU(6.0)(layers.BatchNormalization()(hidden))


def tiny_network(seed=0):
    keras.utils.set_random_seed(seed)
    images = keras.Input((SIDE, SIDE, 3))
    fine = block(block(images, 8, 2), 16, 2)
    fine = layers.Add()([fine, block(fine, None, depthwise=True)])
    coarse = block(fine, 16, 2)
    fine = layers.Add()([fine, Double()(coarse)])
    outputs = {}
    for level, features in (("p2", fine), ("p3", coarse)):
        # Not in the order of their names, so that an order by chance is noticed.
        outputs[f"{level}_class_logits"] = layers.Conv2D(1, 1)(features)
        outputs[f"{level}_box_raw"] = layers.Conv2D(4, 1)(features)
    network = keras.Model(images, outputs)
    _unsettle(network, np.random.default_rng(seed))
    return network


def _unsettle(network, generator):
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            count = layer.gamma.shape[0]
            layer.set_weights(generator.uniform(0.4, 1.5, (4, count)).astype("float32"))


@pytest.fixture(scope="session")
def tiny_model():
    return TinyModel(tiny_network())


@pytest.fixture(scope="session")
def tiny_images():
    # Neither black nor white: the range of the input must not depend on them.
    return np.random.default_rng(0).integers(30, 200, (6, SIDE, SIDE, 3)).astype("uint8")
