"""Channels that meet go together; what nobody may miss stays."""

import keras
import pytest
from keras import layers

from edgedet.networks.graph import read
from edgedet.pruning.channels import Channels


def channels_of(inputs, outputs):
    graph = read(keras.Model(inputs, outputs))
    channels = Channels(graph)
    by_name = {layer.name: ends for layer, ends in channels.ends.items()}
    return channels, by_name


def conv(filters, inputs, name, **options):
    return layers.Conv2D(filters, 1, name=name, **options)(inputs)


@pytest.fixture
def images():
    return keras.Input((4, 4, 3))


def sizes(channels):
    return sorted(len(group) for group in channels.groups())


def test_inputs_and_outputs_are_not_to_be_pruned(images):
    channels, _ = channels_of(images, conv(5, conv(6, images, "a"), "out"))
    assert sizes(channels) == [6]


def test_what_is_added_goes_together(images):
    first = conv(6, images, "a")
    added = layers.Add()([first, conv(6, first, "b")])
    channels, by_name = channels_of(images, conv(1, added, "out"))
    assert sizes(channels) == [6]
    assert by_name["a"][1].tolist() == by_name["b"][1].tolist() == by_name["out"][0].tolist()


def test_norms_activations_and_depthwise_convolutions_go_with_what_they_see(images):
    features = layers.ReLU()(layers.BatchNormalization(name="norm")(conv(6, images, "a")))
    features = layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise")(features)
    channels, by_name = channels_of(images, conv(1, features, "out"))
    assert sizes(channels) == [6]
    # Channel 2c and 2c + 1 of the output are made from channel c.
    first, second = by_name["depthwise"][1][0::2], by_name["depthwise"][1][1::2]
    assert first.tolist() == second.tolist() == by_name["a"][1].tolist()


def test_of_a_stack_each_part_is_a_group_of_its_own(images):
    both = layers.Concatenate(name="both")([conv(4, images, "a"), conv(6, images, "b")])
    channels, by_name = channels_of(images, conv(1, both, "out"))
    assert sizes(channels) == [4, 6]
    assert by_name["out"][0].tolist() == [*by_name["a"][1], *by_name["b"][1]]


def test_what_is_added_to_a_stack_falls_into_its_parts(images):
    both = layers.Concatenate()([conv(4, images, "a"), conv(6, images, "b")])
    added = layers.Add()([both, conv(10, images, "c")])
    channels, _ = channels_of(images, conv(1, added, "out"))
    assert sizes(channels) == [4, 6]


def test_gates_for_each_channel_go_with_it_and_a_gate_for_all_stays(images):
    features = conv(6, images, "a")
    mean = layers.GlobalAveragePooling2D(keepdims=True)(features)
    gated = layers.Multiply()([features, conv(6, mean, "gates", activation="sigmoid")])
    masked = layers.Multiply()([gated, conv(1, images, "mask")])
    channels, by_name = channels_of(images, conv(1, masked, "out"))
    assert sizes(channels) == [6]
    assert by_name["gates"][1].tolist() == by_name["a"][1].tolist()


def test_a_softmax_needs_all_channels(images):
    shares = layers.Activation("softmax")(conv(6, images, "a"))
    channels, _ = channels_of(images, conv(1, shares, "out"))
    assert not channels.groups()


def test_flat_features_go_cell_by_cell(images):
    flat = layers.Flatten()(conv(6, images, "a"))
    channels, by_name = channels_of(images, layers.Dense(2, name="out")(flat))
    assert sizes(channels) == [6]
    assert by_name["out"][0].tolist() == [*by_name["a"][1]] * 16


def test_a_layer_that_is_used_twice_has_the_same_channels_both_times(images):
    shared = layers.Conv2D(5, 1, name="shared")
    outputs = layers.Concatenate()([shared(conv(6, images, "a")), shared(conv(6, images, "b"))])
    channels, by_name = channels_of(images, conv(1, outputs, "out"))
    assert sizes(channels) == [5, 6]
    assert by_name["a"][1].tolist() == by_name["b"][1].tolist()


def test_an_activation_that_is_used_twice_ties_nothing(images):
    relu = layers.ReLU()
    outputs = layers.Concatenate()([relu(conv(4, images, "a")), relu(conv(6, images, "b"))])
    channels, _ = channels_of(images, conv(1, outputs, "out"))
    assert sizes(channels) == [4, 6]


def test_convolutions_in_groups_keep_all(images):
    grouped = conv(4, conv(6, images, "a"), "grouped", groups=2)
    channels, _ = channels_of(images, conv(1, grouped, "out"))
    assert not channels.groups()
