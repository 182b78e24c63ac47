import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.models import Nexus, Phantom


@pytest.fixture(scope="session")
def phantom():
    """A freshly made Phantom; leave its weights alone."""
    keras.utils.set_random_seed(0)
    return Phantom()


@pytest.fixture(scope="session")
def nexus():
    """A freshly made Nexus; leave its weights alone."""
    keras.utils.set_random_seed(0)
    return Nexus()


@pytest.fixture(scope="session")
def small_batch():
    """Two noisy 64 x 64 images: a small and a large face, and none with an ignore region."""
    generator = np.random.default_rng(0)
    boxes = [[[8, 8, 22, 24], [20, 16, 60, 62]], [[4, 4, 30, 30], [0, 0, 0, 0]]]
    return {
        "images": tf.constant(generator.uniform(0, 1, (2, 64, 64, 3)), tf.float32),
        "boxes": tf.constant(boxes, tf.float32),
        "labels": tf.constant([[0, 0], [0, -1]], tf.int32),
        "ignored": tf.constant([[False, False], [True, False]]),
    }


@pytest.fixture(scope="session")
def cost():
    """Count a network: `parameters, macs = cost(network)`.

    Parameters with batch norm folded, and the multiply-accumulates of one image.
    """

    def count(network):
        parameters = macs = 0
        for layer in network.layers:
            if isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
                _, height, width, channels = layer.output.shape
                kernel = int(np.prod(layer.kernel.shape))
                # Folding gives every convolution a bias.
                parameters += kernel + channels
                macs += kernel * height * width
        return parameters, macs

    return count
