"""A new network gets the widths of a pruned one, whatever else it has."""

import keras
import numpy as np
from keras import layers

from edgedet.pruning import narrowed, prune_channels


def network(classes=2, side=8, width=16):
    images = keras.Input((side, side, 3))
    first = layers.Conv2D(width, 3, padding="same", name="first")(images)
    second = layers.Conv2D(width, 1, name="second")(first)
    added = layers.Add()([first, second])
    inner = layers.Conv2D(16, 1, name="inner")(added)
    return keras.Model(images, layers.Conv2D(classes, 1, name="out")(inner))


def pruned(share):
    # Of 1026 parameters the first block of eight holds 552.
    worth = {"first": np.arange(16.0)[None], "inner": 1e9 + np.arange(16.0)[None]}
    return prune_channels(network(), share, worth)


def widths(made):
    return {layer.name: layer.filters for layer in made.layers if hasattr(layer, "filters")}


def test_it_is_as_wide_for_other_classes_and_sizes():
    smaller = pruned(0.55)
    assert widths(smaller) == {"first": 8, "second": 8, "inner": 16, "out": 2}
    made = narrowed(network(classes=5, side=12), smaller)
    assert widths(made) == {"first": 8, "second": 8, "inner": 16, "out": 5}
    assert made.input_shape == (None, 12, 12, 3)


def test_all_weights_of_the_pruned_one_fit():
    smaller = pruned(0.55)
    made = narrowed(network(), smaller)
    made.set_weights(smaller.get_weights())
    images = np.random.default_rng(0).random((1, 8, 8, 3), "float32")
    np.testing.assert_array_equal(made(images), smaller(images))


def test_what_is_not_wider_stays_as_it_is():
    new = network(width=8)
    assert narrowed(new, pruned(0.55)) is new
    assert narrowed(new, network()) is new
