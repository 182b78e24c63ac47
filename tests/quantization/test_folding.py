"""Which batch normalizations are folded, and into what."""

import keras
import pytest
from keras import layers

from edgedet.errors import ModelError
from edgedet.networks.graph import read
from edgedet.quantization.folding import Folded, fold


def folded(outputs, images):
    return [call.layer for call in fold(read(keras.Model(images, outputs))).calls]


@pytest.fixture
def images():
    return keras.Input((8, 8, 4))


def test_a_norm_behind_weights_becomes_part_of_them(images):
    conv, norm, act = layers.Conv2D(4, 1), layers.BatchNormalization(), layers.ReLU()
    assert folded(act(norm(conv(images))), images) == [Folded(conv, norm, False), act]


def test_a_norm_in_inference_is_frozen(images):
    conv, norm = layers.Conv2D(4, 1), layers.BatchNormalization()
    assert folded(norm(conv(images), training=False), images) == [Folded(conv, norm, True)]


def test_weights_that_somebody_else_needs_stay_without_the_norm(images):
    conv, norm, add = layers.Conv2D(4, 1), layers.BatchNormalization(name="norm"), layers.Add()
    features = conv(images)
    first, second, last = folded(add([features, norm(features)]), images)
    assert first == Folded(conv) and last is add
    # The norm becomes a depthwise convolution of its own.
    assert isinstance(second.layer, layers.DepthwiseConv2D)
    assert second.norm is norm and second.name == "norm"
    assert not second.layer.trainable_weights


def test_a_shared_layer_is_folded_with_each_of_its_norms(images):
    conv, norms = layers.Conv2D(4, 1), [layers.BatchNormalization() for _ in range(2)]
    found = folded([norm(conv(images)) for norm in norms], images)
    assert set(found) == {Folded(conv, norm, False) for norm in norms}


def test_a_shared_layer_without_norms_stays_one(images):
    conv = layers.Conv2D(4, 1)
    first, second = folded(conv(conv(images)), images)
    assert first == second == Folded(conv)


def test_norms_that_no_integer_operation_can_take_are_named(images):
    channels_first = layers.BatchNormalization(axis=1, name="first")
    with pytest.raises(ModelError, match=r"'first'.* axis 1.\n.*channels last"):
        folded(channels_first(layers.Conv2D(4, 1)(images)), images)
    alone = layers.BatchNormalization(name="alone")
    with pytest.raises(ModelError, match=r"'alone'.*\[None, 256\].\n"):
        folded(alone(layers.Flatten()(images)), images)
