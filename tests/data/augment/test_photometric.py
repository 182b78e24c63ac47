import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.augment.draws import Draws
from edgedet.data.augment.photometric import GREY_WEIGHTS, change_light
from edgedet.settings import Photometric

NOTHING = dict.fromkeys(("brightness", "contrast", "saturation", "tint", "grey", "noise"), 0.0)
SEED = tf.constant([3, 4])


def draws(images, seed=SEED):
    return Draws(seed, len(images))


@pytest.fixture(scope="module")
def images():
    # Neither black nor white, so that no change is cut off.
    return np.random.default_rng(0).uniform(0.4, 0.6, (6, 16, 20, 3)).astype("float32")


def changed(images, **changes):
    strength = Photometric(**{**NOTHING, **changes})
    return change_light(strength, tf.constant(255 * images), draws(images)).numpy()


def test_nothing_changes_nothing(images):
    np.testing.assert_allclose(changed(images), images, atol=1e-6)


def test_brightness_is_one_factor_an_image(images):
    factors = changed(images, brightness=0.25) / images
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1, :1, :1], images.shape), 1e-4)
    each = factors[:, 0, 0, 0]
    assert (each > 0.75).all() and (each < 1.25).all()
    assert len(np.unique(each.round(4))) == len(images)


@pytest.mark.parametrize("colours", [{}, {"grey": 1.0}, {"saturation": 0.4}], ids=str)
def test_contrast_keeps_the_mean_grey(images, colours):
    after = changed(images, contrast=0.5, **colours)
    grey = np.array(GREY_WEIGHTS)
    np.testing.assert_allclose((after @ grey).mean((1, 2)), (images @ grey).mean((1, 2)), atol=1e-5)


def test_contrast_is_one_factor_of_the_spread(images):
    spread = changed(images, contrast=0.5).std((1, 2, 3)) / images.std((1, 2, 3))
    assert (np.abs(spread - 1) < 0.51).all() and (np.abs(spread - 1) > 0.01).any()


def test_contrast_and_brightness_are_factors_of_their_own(images):
    # Brightness scales the mean by one factor however the contrast goes.
    both, bright = (changed(images, brightness=0.25, contrast=c) for c in (0.5, 0.0))
    grey = np.array(GREY_WEIGHTS)
    np.testing.assert_allclose((both @ grey).mean((1, 2)), (bright @ grey).mean((1, 2)), atol=1e-5)


def test_saturation_keeps_the_luma(images):
    after, grey = changed(images, saturation=0.4), np.array(GREY_WEIGHTS)
    np.testing.assert_allclose(after @ grey, images @ grey, atol=1e-5)
    assert np.abs(after - images).max() > 0.01


def test_grey_images_have_no_colours(images):
    after = changed(images, grey=1.0)
    expected = (images @ np.array(GREY_WEIGHTS, "float32"))[..., None].repeat(3, axis=-1)
    np.testing.assert_allclose(after, expected, atol=1e-5)


def test_tint_is_one_factor_a_channel(images):
    factors = changed(images, tint=0.08) / images
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1, :1], images.shape), 1e-4)
    assert np.ptp(factors[0, 0, 0]) > 0.001
    assert (np.abs(factors - 1) < 0.0801).all()


def test_noise_is_as_strong_as_asked(images):
    noise = changed(images, noise=0.03) - images
    assert (noise.std((1, 2, 3)) < 0.032).all()
    assert noise.std() > 0.003
    assert abs(noise.mean()) < 0.003


def test_results_stay_in_range_and_are_repeatable():
    images = np.random.default_rng(1).uniform(0, 1, (8, 9, 7, 3)).astype("float32")
    strong = Photometric(0.9, 0.9, 0.9, 0.5, 0.5, 0.5)
    images = tf.constant(255 * images)
    first, again = (change_light(strong, images, draws(images)).numpy() for _ in range(2))
    assert first.min() >= 0 and first.max() <= 1
    np.testing.assert_array_equal(first, again)
    assert (first != change_light(strong, images, draws(images, tf.constant([3, 5]))).numpy()).any()


@pytest.mark.parametrize("bands", [1, 2, 5])
def test_other_bands_than_colours(bands):
    images = np.random.default_rng(2).uniform(0.4, 0.6, (4, 16, 20, bands)).astype("float32")
    # Grey and saturation are about colours, and one band cannot change against others.
    colours = {"saturation": 0.9, "grey": 1.0, **({"tint": 0.5} if bands == 1 else {})}
    np.testing.assert_allclose(changed(images, **colours), images, atol=1e-6)
    factors = changed(images, brightness=0.25) / images
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1, :1, :1], images.shape), 1e-4)
    after = changed(images, contrast=0.5)
    np.testing.assert_allclose(after.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=1e-5)
    noise = changed(images, noise=0.03) - images
    assert 0.003 < noise.std() < 0.032


def test_noise_is_another_in_each_batch(images):
    strength = Photometric(**{**NOTHING, "noise": 0.1})
    fields = [
        change_light(
            strength, tf.constant(255 * images), draws(images, tf.constant([0, step]))
        ).numpy()
        - images
        for step in range(6)
    ]
    for i, one in enumerate(fields):
        for other in fields[:i]:
            assert abs(np.corrcoef(one[0].reshape(-1), other[0].reshape(-1))[0, 1]) < 0.15
