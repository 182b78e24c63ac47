import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageFilter

from edgedet.data.augment.blur import blur
from edgedet.data.augment.draws import Draws

SEED = tf.constant([3, 4])


def draws(images, seed=SEED):
    return Draws(seed, len(images))


def test_no_blur_changes_nothing(clutter):
    images = clutter(0, (32, 40))[None].astype("float32")
    np.testing.assert_allclose(blur(0.0, tf.constant(images), draws(images)), images, atol=1e-3)


@pytest.mark.parametrize("largest", [0.5, 1.0, 2.0])
def test_a_point_spreads_to_a_gaussian(largest):
    images = np.zeros((6, 21, 21, 2), "float32")
    images[:, 10, 10] = 1
    after = blur(largest, tf.constant(images), draws(images)).numpy()
    # Nothing is lost, and the middle stays in the middle.
    np.testing.assert_allclose(after.sum((1, 2)), 1, atol=1e-5)
    np.testing.assert_allclose(after, after[:, ::-1, ::-1], atol=1e-6)
    distance = np.arange(21) - 10
    deviations = np.sqrt((after.sum(1) * distance[:, None] ** 2).sum(1))[:, 0]
    assert (deviations <= largest + 1e-3).all()
    assert len(np.unique(deviations.round(3))) > 3


def test_flat_images_stay_flat_to_the_border():
    images = np.full((2, 9, 12, 1), 77.0, "float32")
    np.testing.assert_allclose(blur(2.0, tf.constant(images), draws(images)), images, rtol=1e-5)


def test_it_looks_as_another_program_does_it(clutter):
    # Of 32 images of a draw up to 1.5 pixels, each is nearest to some Gaussian of Pillow's.
    image = clutter(1, (48, 48))
    after = blur(
        1.5, tf.constant(np.repeat(image[None], 8, 0), tf.float32), draws(range(8))
    ).numpy()
    radii = np.arange(0, 1.55, 0.05)
    picture = Image.fromarray(image)
    others = [
        np.asarray(picture.filter(ImageFilter.GaussianBlur(float(r))), "float32") for r in radii
    ]
    for one in after:
        apart = [np.abs(one - other)[4:-4, 4:-4].mean() for other in others]
        assert min(apart) < 1.0
