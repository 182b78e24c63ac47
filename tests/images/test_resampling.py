import numpy as np
import pytest
from PIL import Image

from edgedet import images


def soft_picture(size):
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), "uint8")
    return np.asarray(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC))


def test_resampling_is_close_to_pillow_s_plain_filter():
    image = soft_picture((480, 640))
    plain = Image.fromarray(image).resize((128, 96), images.FILTER)
    difference = np.abs(images.resample(image, (96, 128)).astype(int) - np.asarray(plain))
    assert difference.mean() < 0.5
    assert difference.max() <= 3


def test_blocks_are_averaged_exactly_where_they_fit():
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), "uint8")
    means = image.reshape(12, 5, 16, 5, 3).mean(axis=(1, 3))
    # Rows are rounded before columns are.
    assert np.abs(images.resample(image, (12, 16)) - means).max() <= 1


@pytest.mark.parametrize("height", [240, 241, 242, 243])
def test_blocks_that_do_not_fit_shift_nothing(height):
    """A slope from top to bottom stays one: no row is lost or counted twice at the end."""
    image = np.broadcast_to(
        np.linspace(0, 255, height)[:, None, None].round(), (height, 320, 3)
    ).astype("uint8")
    centres = (np.arange(60) + 0.5) * height / 60 - 0.5
    expected = centres / (height - 1) * 255
    found = images.resample(image, (60, 80))[:, 40, 0]
    # A row is a grey level; all is rounded three times.
    assert np.abs(found - expected)[1:-1].max() < 1.5
    assert np.abs(found - expected)[1:-1].mean() < 0.5


@pytest.mark.parametrize("size", [(160, 213), (96, 128), (24, 32)])
def test_resampling_smears_no_edge_more_than_pillow_does(size):
    # Black and white squares of 4 x 4: averaging blocks larger than a pixel would smear them.
    squares = np.random.default_rng(0).integers(0, 2, (120, 160)).astype("uint8") * 255
    image = np.repeat(np.kron(squares, np.ones((4, 4), "uint8"))[..., None], 3, axis=-1)
    plain = Image.fromarray(image).resize(size[::-1], images.FILTER)
    assert images.resample(image, size).std() >= np.asarray(plain).std()


def test_blocks_of_many_rows_do_not_overflow():
    image = np.full((1028, 514, 3), 255, "uint8")
    assert images.resample(image, (2, 1)).min() == 255


def test_resampling_keeps_small_things_visible():
    # A single white pixel of 16 x 16 is a 256th of the light, wherever it is.
    for place in range(16):
        image = np.zeros((160, 160, 3), "uint8")
        image[64 + place, 64 + place] = 255
        small = images.resample(image, (10, 10)).astype(int)
        assert small[..., 0].sum() in (1, 2, 3)


def test_bands_are_resampled_one_by_one():
    image = np.dstack([soft_picture((60, 80)), soft_picture((60, 80))[..., :2]])
    small = images.resample(image, (12, 16))
    assert small.shape == (12, 16, 5)
    np.testing.assert_array_equal(small[..., :3], images.resample(image[..., :3], (12, 16)))
    assert images.resample(image[..., :1], (12, 16)).shape == (12, 16, 1)
