"""Layers that are several operations are taken apart, and compute the same."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.networks.graph import read
from edgedet.quantization.assembly import Assembly
from edgedet.quantization.pieces import take_apart

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype("float32")


def taken_apart(*stack):
    """Return the class names of the pieces, the answers of the network and of the pieces."""
    images = keras.Input((6, 6, 4))
    outputs = images
    for layer in stack:
        outputs = layer(outputs)
    return compared(keras.Model(images, outputs))


def compared(network):
    graph = take_apart(read(network))
    # No ranges: nothing is rounded.
    pieces = Assembly(None, 0, False).network(graph, [], "pieces")
    return [type(call.layer).__name__ for call in graph.calls], network(IMAGES), pieces(IMAGES)


@pytest.mark.parametrize(
    ("layer", "pieces"),
    [
        (layers.Conv2D(3, 3, activation="relu"), ["Conv2D", "Activation"]),
        (layers.DepthwiseConv2D(3, activation="silu"), ["DepthwiseConv2D", "Swish"]),
        (layers.Dense(3, activation="softmax"), ["Dense", "Activation"]),
        (layers.Conv2D(3, 1), ["Conv2D"]),
        (layers.Activation("silu"), ["Swish"]),
        (layers.Activation("hard_swish"), ["HardSwish"]),
        (layers.Activation("hard_sigmoid"), ["HardSigmoid"]),
        (
            layers.SeparableConv2D(5, 3, 2, "same", depth_multiplier=2, activation="relu6"),
            ["DepthwiseConv2D", "Conv2D", "Activation"],
        ),
        (
            layers.SeparableConv2D(5, 3, dilation_rate=2, use_bias=False),
            ["DepthwiseConv2D", "Conv2D"],
        ),
    ],
)
def test_pieces_compute_the_same(layer, pieces):
    keras.utils.set_random_seed(0)
    names, expected, found = taken_apart(layer)
    assert names == pieces
    # Curves round what is between their own operations, to steps of 1/256 and of 6/255/6.
    curved = {"Swish", "HardSigmoid"} & set(names)
    np.testing.assert_allclose(found, expected, atol=0.01 if curved else 1e-5)


@pytest.mark.parametrize("merge", [layers.Add, layers.Multiply, layers.Maximum])
def test_merges_of_many_become_merges_of_two(merge):
    images = keras.Input((6, 6, 4))
    several = [images, layers.ReLU()(images), layers.MaxPooling2D(3, 1, "same")(images)]
    names, expected, found = compared(keras.Model(images, merge()(several)))
    assert names.count(merge.__name__) == 2
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_layer_that_is_used_twice_stays_one():
    shared = layers.Conv2D(4, 1, activation="relu")
    images = keras.Input((6, 6, 4))
    graph = take_apart(read(keras.Model(images, shared(shared(images)))))
    first, _, second, _ = (call.layer for call in graph.calls)
    assert first is second
