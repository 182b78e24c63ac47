import numpy as np
import pytest
from PIL import Image

from edgedet import images
from edgedet.errors import ImageError
from edgedet.geometry.letterbox import PADDING
from edgedet.runtime.preprocess import as_bands, preprocess
from edgedet.thermal import Normalization, normalize
from edgedet.thermal.palettes import palette


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


def counts_of(size=(60, 80)):
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 256, (6, 8), "uint8"))
    soft = np.asarray(coarse.resize(size[::-1], Image.Resampling.BICUBIC), "uint16")
    return 4000 + 20 * soft + generator.integers(0, 20, size).astype("uint16")


def test_thermal_frames_are_normalized_before_they_are_scaled():
    counts = counts_of()
    found, letterbox = preprocess(counts, (30, 40), 1, Normalization())
    levels = normalize(counts[..., None], Normalization())
    np.testing.assert_array_equal(found[0], images.resample(levels, (30, 40)))
    assert letterbox.scale == (0.5, 0.5)


@pytest.mark.parametrize("size", [(24, 32), (62, 80), (120, 160), (512, 640)])
def test_any_sensor_fits(size):
    found, letterbox = preprocess(counts_of(size), (320, 320), 1, Normalization())
    assert (found.shape, found.dtype) == ((1, 320, 320, 1), np.dtype("uint8"))
    assert letterbox.scaled_size[1] == 320
    # What lies around the frame is the padding of every frame, not a count.
    assert (found[0, 0] == PADDING).all()


def test_the_same_frame_in_other_counts_is_the_same_input():
    levels = (counts_of() // 100).astype("uint8")
    expected = preprocess(levels, (48, 64), 1, Normalization())[0].astype(int)
    for counts in (levels.astype("uint16") * 81 + 900, levels / 3 + 280.0):
        found = preprocess(counts, (48, 64), 1, Normalization())[0]
        assert np.abs(found - expected).max() <= 1


def test_false_colour_is_seen_as_intensity():
    levels = normalize(counts_of()[..., None], Normalization())[..., 0]
    expected = preprocess(levels, (48, 64), 1, Normalization())[0].astype(int)
    found = preprocess(palette("spectra")[levels], (48, 64), 1, Normalization())[0]
    assert np.abs(found - expected).mean() < 3


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 7])
def test_any_number_of_bands(bands):
    counts = np.stack([counts_of() * (1 + band % 3) for band in range(bands)], axis=-1)
    assert preprocess(counts, (32, 32), bands, Normalization())[0].shape == (1, 32, 32, bands)


def test_another_number_of_bands_is_refused():
    counts = np.stack([counts_of()] * 5, axis=-1)
    with pytest.raises(ImageError, match=r"shape \[height, width, 4\]"):
        preprocess(counts, (32, 32), 4, Normalization())
