"""Roundings: an INT8 file is made in several ways, and the one that finds most ships."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.export.roundings import roundings
from edgedet.export.verify import Parity
from edgedet.manifest import Level, Manifest
from edgedet.quantization import is_rounded

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), "uint8")
MANIFEST = Manifest("tiny", (16, 16), ("face",), (Level.of_stride(2),))


def network():
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    features = layers.Conv2D(8, 3, 2, "same", activation="relu6")(images)
    classes = layers.Conv2D(1, 1, name="p1_class_logits")(features)
    boxes = layers.Conv2D(4, 1, name="p1_box_raw")(features)
    return keras.Model(images, {"p1_class_logits": classes, "p1_box_raw": boxes})


def test_an_int8_network_is_made_with_its_own_biases_and_with_corrected_ones():
    source = network()
    biases = [
        [weight.numpy() for weight in each.weights if "bias" in weight.path]
        for each in roundings(source, "int8", IMAGES, MANIFEST)
        if is_rounded(each)
    ]
    own = [weight.numpy() for weight in source.weights if "bias" in weight.path]
    plain, corrected = biases
    for found, expected in zip(plain, own, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert any(not np.array_equal(found, kept) for found, kept in zip(corrected, own, strict=True))


@pytest.mark.parametrize(("precision", "images"), [("float", IMAGES), ("int8", ())])
def test_there_may_be_nothing_to_choose(precision, images):
    source = network()
    assert list(roundings(source, precision, images, MANIFEST)) == [source]


def test_what_cannot_be_rounded_is_left_to_the_converter():
    images = keras.Input((16, 16, 3))
    odd = keras.Model(images, layers.GaussianNoise(0.1)(layers.UnitNormalization()(images)))
    assert list(roundings(odd, "int8", IMAGES, MANIFEST)) == [odd]


def test_the_best_file_finds_what_the_network_finds_and_then_most():
    # 94 of 100 partners are too few, whatever the AP50 says; and .46 is too far below .5.
    strayed, wrong = Parity(0.1, 0.5, 0.6, 100, 94), Parity(0.1, 0.5, 0.46, 100, 100)
    poor, better = Parity(0.1, 0.5, 0.48, 100, 95), Parity(0.1, 0.5, 0.49, 100, 96)
    unmeasured = Parity(0.1)
    assert max([strayed, wrong], key=lambda parity: parity.worth) is strayed
    assert not wrong.is_faithful and unmeasured.is_faithful
    assert max([strayed, poor, better], key=lambda parity: parity.worth) is better
    assert max([unmeasured, unmeasured], key=lambda parity: parity.worth) is unmeasured
