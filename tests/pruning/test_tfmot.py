"""tfmot's magnitude pruning: more and more zeros, which come back into the Keras network."""

import keras
import numpy as np
import pytest
from keras import layers

REASON = "needs the extra tfmot: pip install 'edgedet[tfmot]'"
pytest.importorskip("tf_keras", reason=REASON)
pytest.importorskip("tensorflow_model_optimization", reason=REASON)

from edgedet.errors import ModelError  # noqa: E402
from edgedet.models import Nexus  # noqa: E402
from edgedet.pruning.tfmot import SparseTwin  # noqa: E402
from edgedet.quantization import is_rounded  # noqa: E402

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).random((2, 8, 8, 3), "float32")


def make():
    """Return a network with pieces: a separable convolution, and activations within layers."""
    images = keras.Input((8, 8, 3))
    features = layers.Conv2D(10, 3, activation="relu", name="conv")(images)
    features = layers.SeparableConv2D(20, 3, activation="relu6", name="separable")(features)
    features = layers.BatchNormalization(name="norm")(features)
    return keras.Model(images, layers.Conv2D(2, 1, name="out")(features))


def train(network, steps):
    network.compile("sgd", "mse")
    network.fit(IMAGES, np.ones((2, 4, 4, 2)), batch_size=2, epochs=steps, verbose=0)


def zeros(network):
    """Return the share of zeros of each kernel."""
    return {
        weight.path: float(np.mean(weight.numpy() == 0))
        for weight in network.weights
        if len(weight.shape) == 4
    }


def test_before_training_it_is_the_network():
    network = make()
    sparse = SparseTwin(network, 0.5, 20)
    np.testing.assert_allclose(sparse.network(IMAGES), network(IMAGES), atol=1e-6)
    assert len(sparse.network.trainable_weights) == len(network.trainable_weights)
    # Nobody takes it for one that rounds.
    assert not is_rounded(sparse.network)


def test_half_of_each_kernel_becomes_zero_over_half_of_the_training():
    network, copy = make(), make()
    sparse = SparseTwin(network, 0.5, 20)
    before = network.get_weights()
    found = []
    for steps in (4, 6, 10):
        train(sparse.network, steps)
        sparse.copy_to(copy)
        found.append(zeros(copy))
    # Kernels of a depthwise convolution are left alone.
    assert {path: share for path, share in found[-1].items() if share} == {
        path: 0.5 for path in found[-1] if "depthwise" not in path
    }
    assert 0.2 < found[0]["conv/kernel"] < 0.5 and found[1] == found[2]
    np.testing.assert_allclose(sparse.network(IMAGES), copy(IMAGES), atol=1e-5)
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_layer_without_a_twin_is_named():
    with pytest.raises(ModelError, match=r"'p\d_gate' .ConstantGate."):
        SparseTwin(Nexus(3, (64, 64), fusion="constant").network, 0.5, 10)
