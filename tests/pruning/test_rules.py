"""A layer that nobody told is named; what is told is known."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from edgedet.errors import ModelError
from edgedet.networks.graph import read
from edgedet.pruning.channels import Channels
from edgedet.pruning.rules import RULES, alone
from edgedet.quantization import quantize_aware


class Mine(layers.Layer):
    def call(self, inputs):
        return 2 * inputs


def network_of(layer):
    images = keras.Input((4, 4, 3))
    features = layer(layers.Conv2D(8, 1)(images))
    return keras.Model(images, layers.Conv2D(1, 1)(features))


def groups_of(network):
    return Channels(read(network)).groups()


def test_an_unknown_layer_is_named_with_what_to_do(monkeypatch):
    network = network_of(Mine(name="odd"))
    with pytest.raises(ModelError, match=r"'odd' .Mine.*\n.*RULES\[Mine\] = whole`, or `alone`"):
        groups_of(network)
    monkeypatch.setitem(RULES, Mine, alone)
    assert len(groups_of(network)) == 1


def test_a_network_that_rounds_is_pruned_too_late():
    made = quantize_aware(network_of(layers.ReLU()))
    with pytest.raises(ModelError, match="before it is quantized"):
        groups_of(made)


def test_channels_first_are_refused():
    images = keras.Input((3, 4, 4))
    pooled = layers.MaxPooling2D(data_format="channels_first", name="pool")(images)
    with pytest.raises(ModelError, match="'pool': expected channels last"):
        groups_of(keras.Model(images, pooled))


def test_what_meets_an_array_keeps_its_channels():
    images = keras.Input((4, 4, 3))
    features = layers.Conv2D(8, 1)(images)
    scaled = ops.multiply(features, np.arange(8, dtype="float32"))
    outputs = layers.Conv2D(1, 1)(layers.ReLU()(ops.add(scaled, 1.0)))
    assert not groups_of(keras.Model(images, outputs))
    halved = ops.multiply(features, 0.5)
    assert len(groups_of(keras.Model(images, layers.Conv2D(1, 1)(halved)))) == 1
