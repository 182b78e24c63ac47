"""Muon: all directions of a wide kernel are followed alike, whatever is narrow as by AdamW."""

import keras
import numpy as np
import pytest

from edgedet.training.adamw import AdamW
from edgedet.training.muon import Muon, matrix_shape, orthogonal

RATE = 0.1


def step(kind, gradient, decay=0.0, name="kernel", start=0.0):
    """Return where a variable that begins at `start` stands after one step."""
    variable = keras.Variable(np.full(gradient.shape, start, "float32"), name=name)
    optimizer = kind(RATE, weight_decay=decay)
    optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
    return variable.numpy()


@pytest.mark.parametrize("shape", [(8, 8), (48, 8), (8, 48)])
def test_strong_and_weak_directions_become_alike(shape):
    generator = np.random.default_rng(0)
    left, _, right = np.linalg.svd(generator.normal(size=shape), full_matrices=False)
    # The strongest is fifty times the weakest.
    matrix = (left * np.geomspace(50, 1, 8)) @ right
    found = np.asarray(orthogonal(keras.ops.convert_to_tensor(matrix, "float32")))
    shares = np.diag(left.T @ found @ right.T)
    assert shares.min() > 0.6 and shares.max() < 1.3
    # The directions themselves stay.
    np.testing.assert_allclose((left * shares) @ right, found, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("shape", [(3, 3, 16, 32), (1, 1, 64, 8)])
def test_a_step_is_as_long_as_those_of_adamw_whatever_the_gradient(shape, scale):
    gradient = scale * np.random.default_rng(1).normal(size=shape)
    length = np.sqrt(np.mean(step(Muon, gradient) ** 2))
    assert length == pytest.approx(0.2 * RATE, rel=0.25)


def test_a_step_goes_down_along_every_direction():
    gradient = np.random.default_rng(2).normal(size=(3, 3, 8, 16))
    moved = step(Muon, gradient).reshape(matrix_shape(gradient.shape))
    left, _, right = np.linalg.svd(gradient.reshape(72, 16), full_matrices=False)
    assert np.all(np.diag(left.T @ moved @ right.T) < 0)


def test_decay_is_that_of_adamw():
    gradient = np.zeros((1, 1, 8, 8))
    np.testing.assert_allclose(step(Muon, gradient, decay=0.5, start=2.0), 2 - RATE * 0.5 * 2)


@pytest.mark.parametrize(
    ("shape", "name"),
    [((16,), "bias"), ((3, 3, 32, 1), "kernel"), ((1, 1, 64, 4), "kernel"),
     ((1, 1, 64, 20), "p3_class_logits")],
)  # fmt: skip
def test_what_is_narrow_or_last_is_adamws(shape, name):
    gradient = np.random.default_rng(3).normal(size=shape)
    np.testing.assert_allclose(
        step(Muon, gradient, name=name), step(AdamW, gradient, name=name), rtol=1e-5
    )
