"""A gradient of a gate is what a gate would change."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.pruning import gate_gradients

BATCHES = list(np.random.default_rng(0).normal(size=(2, 3, 6, 6, 3)).astype("float32"))


class Gate(layers.Layer):
    def build(self, shape):
        self.gate = self.add_weight((shape[-1],), initializer="ones", name="gate")

    def call(self, inputs):
        return inputs * self.gate


LAYERS = {
    "Conv2D": lambda: layers.Conv2D(5, 3),
    "Conv2DTranspose": lambda: layers.Conv2DTranspose(5, 3),
    "DepthwiseConv2D": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2),
    "Dense": lambda: layers.Dense(5),
    "BatchNormalization": lambda: layers.BatchNormalization(),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_it_is_that_of_a_gate_behind_the_layer(kind):
    keras.utils.set_random_seed(0)
    images = keras.Input((6, 6, 3))
    judged = LAYERS[kind]()
    features = judged(images)
    outputs = layers.Conv2D(2, 3, use_bias=False)(layers.ReLU()(Gate(name="gate")(features)))
    network = keras.Model(images, outputs)
    for weight in judged.weights:
        weight.assign(weight + 0.3)
    gate = network.get_layer("gate").gate

    def loss(batch):
        return keras.ops.sum(network(batch) ** 2)

    known = keras.Model(images, layers.Conv2D(2, 3, use_bias=False)(layers.ReLU()(features)))
    found = gate_gradients(known, loss, BATCHES)[judged.name]

    for batch, row in zip(BATCHES, found, strict=True):
        for channel in range(len(row)):
            step = 1e-2 * np.eye(len(row))[channel]
            gate.assign(1 + step)
            more = float(loss(batch))
            gate.assign(1 - step)
            less = float(loss(batch))
            gate.assign(np.ones(len(row)))
            np.testing.assert_allclose(row[channel], (more - less) / 2e-2, rtol=0.02, atol=0.02)


def test_what_has_a_norm_behind_it_is_judged_by_the_norm():
    images = keras.Input((6, 6, 3))
    features = layers.Conv2D(4, 1, use_bias=False, name="conv")(images)
    network = keras.Model(images, layers.BatchNormalization(name="norm")(features))
    found = gate_gradients(network, lambda batch: keras.ops.sum(network(batch)), BATCHES)
    assert {name: rows.shape for name, rows in found.items()} == {"norm": (2, 4)}


def test_what_the_loss_does_not_see_is_worth_nothing():
    images = keras.Input((6, 6, 3))
    seen, unseen = (layers.Conv2D(4, 1, name=name)(images) for name in ("seen", "unseen"))
    network = keras.Model(images, [seen, unseen])
    found = gate_gradients(network, lambda batch: keras.ops.sum(network(batch)[0]), BATCHES)
    assert found["seen"].all() and not found["unseen"].any()
