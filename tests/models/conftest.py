import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.models import Phantom


@pytest.fixture(scope="session")
def phantom():
    """A freshly made Phantom; leave its weights alone."""
    keras.utils.set_random_seed(0)
    return Phantom()


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
