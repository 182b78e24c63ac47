"""What Keras observes of batches is what the gates observe of frames."""

import numpy as np
import pytest

from edgedet.models import observation
from edgedet.runtime.sparse import prediction
from edgedet.runtime.sparse.contrast import Reference


@pytest.fixture
def pair():
    """Two films of grey levels, some of them black and white, and what they are compared with."""
    generator = np.random.default_rng(0)
    reference = generator.uniform(0, 255, (2, 24, 32)).astype("float32")
    reference[1, :10] = 255
    brightness = np.clip(
        reference * [[[1.2]], [[0.8]]] + generator.normal(0, 3, reference.shape), 0, 255
    )
    return brightness.astype("float32"), reference


def test_light(pair):
    found = np.asarray(observation.light_of(*pair, np.ones((2, 1, 1), "float32")))
    expected = [Reference(old).light_of(new, 1.0) for new, old in zip(*pair, strict=True)]
    np.testing.assert_allclose(found[:, 0, 0], expected, rtol=1e-6)


def test_light_as_before_where_nothing_tells(pair):
    before = np.full((2, 1, 1), 0.7, "float32")
    dark = 0 * pair[0]
    assert np.allclose(observation.light_of(dark, dark, before), 0.7)
    white = dark + 255
    assert np.allclose(observation.light_of(white, white, before), 0.7)
    grey = dark + 100
    assert np.allclose(observation.light_of(grey, grey, before), 1)


def test_contrast(pair):
    found = observation.contrast(*pair, np.full((2, 1, 1), 0.9, "float32"))
    for film, (new, old) in enumerate(zip(*pair, strict=True)):
        np.testing.assert_allclose(found[film], Reference(old).contrast(new, 0.9), atol=1e-6)


def test_patches(pair):
    reference = pair[1]
    blocks = observation.patches(reference)
    for film in range(2):
        np.testing.assert_array_equal(blocks[film], prediction._patches(reference[film]))
    np.testing.assert_array_equal(blocks[0, 2, 3], reference[0, 8:12, 12:16].ravel())
