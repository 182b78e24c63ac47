"""Which tensors are rounded, and which of them share a range."""

import keras
import pytest
from keras import layers

from edgedet.errors import ModelError
from edgedet.networks.graph import read
from edgedet.quantization.folding import fold
from edgedet.quantization.pieces import take_apart
from edgedet.quantization.rules import SIGNED_UNIT, UNIT
from edgedet.quantization.sharing import share_ranges

INPUT = (0.0, 1.0)


def ranges(images, outputs):
    """Return for each range what is known of it, and the layers whose outputs it rounds."""
    graph = fold(take_apart(read(keras.Model(images, outputs))))
    makers = {out: call.layer.name for call in graph.calls for out in call.outputs}
    groups = share_ranges(graph, INPUT)
    return [(group.fixed, [makers.get(out, "images") for out in group.rounded]) for group in groups]


def conv(inputs, name):
    return layers.Conv2D(4, 3, padding="same", name=name)(inputs)


@pytest.fixture
def images():
    return keras.Input((8, 8, 4), name="images")


def test_what_is_drawn_into_an_operation_is_rounded_once(images):
    features = layers.ReLU(6.0, name="act")(conv(images, "a"))
    added = layers.ReLU(name="out")(layers.Add(name="add")([features, conv(features, "b")]))
    assert ranges(images, added) == [
        (INPUT, ["images"]),
        (None, ["act"]),
        (None, ["b"]),
        (None, ["out"]),
    ]


def test_what_others_need_is_rounded_before_its_activation(images):
    features = conv(images, "a")
    outputs = [features, layers.ReLU(name="act")(features)]
    assert ranges(images, outputs)[1:] == [(None, ["a"]), (None, ["act"])]


def test_a_concatenation_has_one_range(images):
    a, b = conv(images, "a"), conv(images, "b")
    c = conv(layers.Concatenate()([a, b]), "c")
    assert ranges(images, c)[1:] == [(None, ["a", "b"]), (None, ["c"])]


def test_ranges_that_meet_twice_become_one(images):
    a = conv(images, "a")
    b = conv(a, "b")
    c = conv(layers.Concatenate()([a, b]), "c")
    outputs = layers.Concatenate()([layers.MaxPooling2D(1)(b), c])
    assert ranges(images, outputs)[1:] == [(None, ["a", "b", "c"])]


def test_what_only_moves_values_is_not_rounded(images):
    features = layers.ZeroPadding2D()(layers.MaxPooling2D(2)(conv(images, "a")))
    outputs = layers.Reshape((-1,))(layers.UpSampling2D()(features))
    assert ranges(images, outputs)[1:] == [(None, ["a"])]


def test_means_are_rounded_to_the_range_that_they_come_from(images):
    outputs = layers.AveragePooling2D(2, name="pool")(conv(images, "a"))
    assert ranges(images, outputs)[1:] == [(None, ["a", "pool"])]


@pytest.mark.parametrize("pool", [layers.AveragePooling2D, layers.MaxPooling2D])
def test_an_activation_that_is_drawn_into_a_pooling_has_its_range(images, pool):
    outputs = layers.ReLU(name="act")(pool(2)(conv(images, "a")))
    assert ranges(images, outputs)[1:] == [(None, ["a", "act"])]


def test_fixed_ranges_stay_and_are_rounded_anew_where_they_meet_others(images):
    a = conv(images, "a")
    gate = layers.Activation("sigmoid", name="gate")(a)
    sign = layers.Activation("tanh", name="sign")(a)
    both = layers.Concatenate(name="both")([gate, sign])
    assert ranges(images, both)[2:] == [
        (UNIT.fixed, ["gate"]),
        (SIGNED_UNIT.fixed, ["sign"]),
        (None, ["both"]),
    ]
    joined = layers.Concatenate(name="joined")([images, a])
    assert ranges(images, joined) == [(INPUT, ["images"]), (None, ["a", "joined"])]


def test_a_fixed_range_may_move(images):
    gate = layers.Activation("sigmoid", name="gate")(conv(images, "a"))
    outputs = layers.Concatenate()([layers.MaxPooling2D(2)(gate), layers.Cropping2D(2)(gate)])
    assert ranges(images, outputs)[2:] == [(UNIT.fixed, ["gate"])]


def test_an_unknown_layer_is_named_with_what_to_do(images):
    outputs = layers.GaussianNoise(1.0, name="strange")(images)
    with pytest.raises(
        ModelError, match=r"'strange' \(GaussianNoise\).*\n.*RULES\[GaussianNoise\] = COMPUTES"
    ):
        ranges(images, outputs)
    outputs = layers.Activation("gelu", name="odd")(images)
    with pytest.raises(ModelError, match=r"'odd' \(Activation 'gelu'\)"):
        ranges(images, outputs)
