"""A pruned network answers as before where nothing was lost, and is as small as it should be."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.errors import ModelError
from edgedet.networks.graph import read
from edgedet.pruning import gate_gradients, prune_channels
from edgedet.pruning.channel_pruning import without
from edgedet.pruning.channels import Channels

IMAGES = np.random.default_rng(0).random((2, 8, 8, 3), "float32")


def two_convs():
    """Return 3 -> 16 -> 4 channels, with a norm between."""
    images = keras.Input((8, 8, 3), name="images")
    features = layers.Conv2D(16, 3, padding="same", use_bias=False, name="first")(images)
    features = layers.ReLU()(layers.BatchNormalization(name="norm")(features))
    return keras.Model(images, {"out": layers.Conv2D(4, 1, name="second")(features)}, name="two")


def of_every_layer():
    """Return a network of all layers with weights, each of which can lose channels."""
    images = keras.Input((8, 8, 3))
    first = layers.Conv2D(8, 3, padding="same")(images)
    first = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(first)
    first = layers.SeparableConv2D(16, 3, padding="same", depth_multiplier=2)(first)
    first = layers.PReLU(shared_axes=(1, 2))(layers.BatchNormalization()(first))
    second = layers.Conv2DTranspose(16, 2, 2)(layers.MaxPooling2D()(first))
    both = layers.Concatenate()([layers.Add()([first, second]), layers.UpSampling2D()(
        layers.AveragePooling2D(2)(layers.Dense(8)(second)))])  # fmt: skip
    small = layers.Conv2D(8, 8)(layers.Cropping2D(1)(layers.ZeroPadding2D(1)(both)))
    return keras.Model(images, [layers.Dense(2)(layers.Flatten()(both)), layers.Dense(2)(small)])


def settle(network):
    """Give all weights and statistics values of their own."""
    generator = np.random.default_rng(1)
    for weight in network.weights:
        weight.assign(generator.uniform(0.2, 1.0, weight.shape) * generator.choice((-1, 1)))
        if "variance" in weight.path:
            weight.assign(abs(weight.numpy()))


@pytest.mark.parametrize("make", [two_convs, of_every_layer])
def test_channels_that_are_always_zero_are_not_missed(make, silenced):
    network = make()
    settle(network)
    graph = read(network)
    channels = Channels(graph)
    stays = np.ones(channels.count, bool)
    for number, group in enumerate(channels.groups()):
        stays[group[number % 3 :: 3]] = False
    silenced(network, stays)

    smaller = without(graph, channels, stays, "smaller")

    assert smaller.count_params() < network.count_params()
    expected, found = network(IMAGES), smaller(IMAGES)
    for one, other in zip(keras.tree.flatten(expected), keras.tree.flatten(found), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4 * np.abs(one).max())


def test_what_is_gone_is_counted_by_hand():
    network = two_convs()
    # 27 weights a filter, two of the norm, and four behind it: 33 of 16 * 33 + 4, or 1.53 % each.
    worth = np.r_[np.zeros(3), np.ones(13)]
    for share, left in ((0.51, 8), (0.49, 12), (0.3, 12), (0.25, 12), (0.99, 4)):
        made = prune_channels(network, share, {"norm": worth[None]}, multiple=4)
        assert made.get_layer("first").filters == left
        learned = sum(np.prod(weight.shape) for weight in made.trainable_weights)
        assert learned == left * 33 + 4 >= (1 - share) * (16 * 33 + 4)


def test_the_weights_that_stay_are_those_that_matter():
    network = two_convs()
    settle(network)
    worth = np.array([1.0, 9.0] * 8)

    made = prune_channels(network, 0.5, {"norm": worth[None]})

    assert made.name == "two" and made.output_shape == network.output_shape
    kernel, second = (network.get_layer(name).kernel.numpy() for name in ("first", "second"))
    np.testing.assert_array_equal(made.get_layer("first").kernel, kernel[..., 1::2])
    np.testing.assert_array_equal(made.get_layer("second").kernel, second[:, :, 1::2])
    before, after = (net.get_layer("norm").get_weights() for net in (network, made))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one[1::2], other)


def test_channels_that_go_together_add_their_gradients():
    images = keras.Input((8, 8, 3))
    first = layers.Conv2D(4, 1, name="a")(images)
    added = layers.Add()([first, layers.Conv2D(4, 1, name="b")(images)])
    network = keras.Model(images, layers.Conv2D(1, 1)(added))
    # Alone each of the first two would matter most; together they do nothing.
    gradients = {"a": np.array([[9.0, 8, 1, 2]]), "b": np.array([[-9.0, -8, 0, 0]])}
    before = network.get_layer("a").kernel.numpy()
    made = prune_channels(network, 0.5, gradients, multiple=2)
    np.testing.assert_array_equal(made.get_layer("a").kernel, before[..., 2:])


def test_what_matters_much_in_one_batch_stays():
    network = two_convs()
    # All have the mean 4; of the squares the means are 32 and 16.
    rows = np.stack([np.repeat([8.0, 4.0], 8), np.repeat([0.0, 4.0], 8)])
    kernel = network.get_layer("first").kernel.numpy()
    made = prune_channels(network, 0.5, {"norm": rows})
    np.testing.assert_array_equal(made.get_layer("first").kernel, kernel[..., :8])


def test_channels_that_do_nothing_go_first(silenced):
    network = two_convs()
    settle(network)
    graph = read(network)
    channels = Channels(graph)
    stays = np.ones(channels.count, bool)
    (group,) = channels.groups()
    stays[group[4:12]] = False
    silenced(network, stays)
    gradients = gate_gradients(network, lambda images: (network(images)["out"] ** 2)[0, 0, 0, 0] +
                               keras.ops.sum(network(images)["out"] ** 2), [IMAGES])  # fmt: skip
    made = prune_channels(network, 0.5, gradients)
    np.testing.assert_allclose(made(IMAGES)["out"], network(IMAGES)["out"], rtol=1e-4)


@pytest.mark.parametrize(
    ("share", "gradients"), [(0.1, {"norm": np.ones((1, 16))}), (0.9, {}), (0.9, {"foreign": None})]
)
def test_when_nothing_can_go_it_is_said(share, gradients):
    with pytest.raises(ModelError, match=r"'two': expected some 8 channels .*\n.*a larger share"):
        prune_channels(two_convs(), share, gradients)


def test_a_layer_that_is_used_twice_stays_one():
    images = keras.Input((8, 8, 3))
    shared = layers.Conv2D(16, 1, name="shared")
    pooled = layers.MaxPooling2D()(images)
    outputs = [layers.Conv2D(1, 1, name=name)(shared(x)) for name, x in
               (("one", images), ("two", pooled))]  # fmt: skip
    network = keras.Model(images, outputs)
    made = prune_channels(network, 0.6, {"shared": np.arange(16.0)[None]})
    assert [layer.name for layer in made.layers].count("shared") == 1
    assert made.get_layer("shared").filters == 8
    # 16 filters of 4 numbers and 2 * 16 + 2 behind them, of which half stay.
    assert made.count_params() == 8 * 4 + 2 * 9
