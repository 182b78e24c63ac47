import numpy as np
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


def test_resampling_keeps_edges_as_sharp_as_pillow_does():
    # Black and white squares of 4 x 4: averaging larger blocks at once would smear them.
    squares = np.random.default_rng(0).integers(0, 2, (120, 160)).astype("uint8") * 255
    image = np.repeat(np.kron(squares, np.ones((4, 4), "uint8"))[..., None], 3, axis=-1)
    plain = Image.fromarray(image).resize((128, 96), images.FILTER)
    difference = np.abs(images.resample(image, (96, 128)).astype(int) - np.asarray(plain))
    assert difference.mean() < 1


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
