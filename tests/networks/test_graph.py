"""Networks are read as Keras runs them."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.errors import ModelError
from edgedet.networks.graph import put_together, read


def names(graph):
    return [call.layer.name for call in graph.calls]


def test_calls_come_in_order_with_their_tensors():
    images = keras.Input((4, 4, 3), name="images")
    first = layers.Conv2D(2, 1, name="first")(images)
    both = layers.Concatenate(name="both")([first, images])
    graph = read(keras.Model(images, {"one": first, "two": both}))

    assert names(graph) == ["first", "both"]
    first, both = graph.calls
    assert graph.inputs.name == "images" and first.inputs == [graph.inputs]
    assert both.inputs == [*first.outputs, graph.inputs]
    assert graph.outputs == {"one": first.outputs[0], "two": both.outputs[0]}
    # As inputs of one call and as an output.
    assert graph.uses()[first.outputs[0]] == 2 and graph.uses()[both.outputs[0]] == 1


def test_networks_inside_are_opened_at_each_use():
    inner = keras.Sequential([keras.Input((4, 4, 2)), layers.Conv2D(2, 1, name="shared")])
    images = keras.Input((4, 4, 2))
    graph = read(keras.Model(images, inner(inner(images))))

    assert names(graph) == ["shared", "shared"]
    first, second = graph.calls
    assert first.layer is second.layer
    assert second.inputs == list(first.outputs) and graph.outputs == second.outputs[0]


def test_a_network_that_is_used_in_inference_only_keeps_its_statistics():
    inputs = keras.Input((4, 4, 2))
    inner = keras.Model(inputs, layers.BatchNormalization(name="norm")(inputs))
    images = keras.Input((4, 4, 2))
    graph = read(keras.Model(images, inner(images, training=False)))
    assert graph.calls[0].kwargs["training"] is False


def test_a_sequential_is_a_network():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="dense")])
    assert names(read(model)) == ["dense"]


class Subclassed(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize("model", [Subclassed(name="mine"), keras.Sequential(name="mine")])
def test_what_is_no_functional_network_is_refused(model):
    with pytest.raises(ModelError, match=r"found the \w+ 'mine'.\n.*keras.Model\(inputs, outputs"):
        read(model)


def test_put_together_again_it_answers_as_before():
    images = keras.Input((4, 4, 3), name="images")
    inner = keras.Sequential([keras.Input((4, 4, 3)), layers.Conv2D(3, 1)])
    both = layers.Concatenate(axis=-1)([inner(inner(images)), images])
    network = keras.Model(images, {"one": layers.ReLU()(both), "two": both})

    made = put_together(read(network), lambda layer: layer, "made")

    assert made.name == "made" and made.input.name == "images"
    batch = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype("float32")
    found = made(batch)
    for name, expected in network(batch).items():
        np.testing.assert_array_equal(found[name], expected)


def test_what_is_passed_on_may_be_another_tensor():
    images = keras.Input((2,))
    network = keras.Model(images, layers.ReLU()(layers.ReLU()(images)))
    made = put_together(
        read(network), lambda layer: layer, "made", passed=lambda tensor, value: value + 1.0
    )
    # Behind the input, and behind each of the two layers.
    np.testing.assert_array_equal(made(np.array([[-9.0, 5.0]])), [[2.0, 8.0]])
