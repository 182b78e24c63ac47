import numpy as np
import pytest

from edgedet.errors import ImageError
from edgedet.geometry.letterbox import PADDING
from edgedet.runtime.preprocess import as_bands, preprocess


def test_a_frame_is_centred_on_grey():
    frame = np.full((40, 80, 3), 200, "uint8")

    images, letterbox = preprocess(frame, (32, 32))

    assert images.shape == (1, 32, 32, 3)
    assert images.dtype == np.uint8
    # 80 -> 32 wide, so 40 -> 16 high, between rows 8 and 24.
    assert letterbox.offset == (8, 0)
    assert (images[0, 8:24] == 200).all()
    assert (images[0, :8] == PADDING).all()
    assert (images[0, 24:] == PADDING).all()


def test_a_frame_of_the_input_size_is_left_as_it_is():
    frame = np.random.default_rng(0).integers(0, 256, (32, 32, 3), "uint8")
    np.testing.assert_array_equal(preprocess(frame, (32, 32))[0][0], frame)


def test_a_mirrored_view_counts_like_its_copy():
    frame = np.random.default_rng(0).integers(0, 256, (60, 80, 3), "uint8")[:, ::-1, ::-1]
    view = preprocess(frame, (32, 32))[0]
    np.testing.assert_array_equal(view, preprocess(frame.copy(), (32, 32))[0])


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (33, 31)])
def test_any_shape_fits(size):
    images, _ = preprocess(np.zeros((*size, 3), "uint8"), (32, 32))
    assert images.shape == (1, 32, 32, 3)
    assert (images == 0).any()


def test_grey_and_rgba_become_colour():
    grey = np.full((4, 4), 90, "uint8")
    assert (as_bands(grey, 3) == 90).all()
    assert (as_bands(grey[..., None], 3) == 90).all()
    rgba = np.zeros((4, 4, 4), "uint8")
    # Fully transparent: white shows.
    assert (as_bands(rgba, 3) == 255).all()


def test_colour_becomes_grey_by_luma():
    red = np.zeros((4, 4, 3), "uint8")
    red[..., 0] = 255
    # 0.299 * 255
    assert (as_bands(red, 1) == 76).all()
    assert preprocess(red, (8, 8), bands=1)[0].shape == (1, 8, 8, 1)


def test_more_bands_pass_as_they_are():
    frame = np.arange(5 * 6 * 4, dtype="uint8").reshape(5, 6, 4)
    assert as_bands(frame, 4) is frame
    assert preprocess(frame, (10, 12), bands=4)[0].shape == (1, 10, 12, 4)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint16", "bool"])
def test_another_dtype_is_refused_by_name(dtype):
    with pytest.raises(ImageError, match=dtype):
        preprocess(np.zeros((4, 4, 3), dtype), (8, 8))


def test_nan_is_refused():
    with pytest.raises(ImageError, match="float32"):
        preprocess(np.full((4, 4, 3), np.nan, "float32"), (8, 8))


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 4, 3), (4, 4, 2), (4, 4, 5), (4,), (1, 4, 4, 3)])
def test_another_shape_is_refused(shape):
    with pytest.raises(ImageError, match=r"shape \[height, width, 3\]"):
        preprocess(np.zeros(shape, "uint8"), (8, 8))


def test_a_list_is_refused():
    with pytest.raises(ImageError, match="list"):
        preprocess([[0, 0, 0]], (8, 8))
