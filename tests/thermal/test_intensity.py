import io

import numpy as np
import pytest
from PIL import Image

from edgedet import images
from edgedet.errors import ImageError
from edgedet.thermal import as_counts, intensity
from edgedet.thermal.intensity import palette_of
from edgedet.thermal.palettes import ANCHORS, palette


def as_jpeg(image, quality=90):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


@pytest.mark.parametrize("name", ANCHORS)
def test_false_colour_becomes_what_it_shows(scene, name):
    levels = scene(1, (120, 160))
    levels = (255 * ((levels - levels.min()) / np.ptp(levels))).astype("uint8")
    coloured = palette(name)[levels]
    assert palette_of(coloured) == name
    difference = np.abs(intensity(coloured).astype(int) - levels)
    # A palette that stands still for a while, as jet at its ends, cannot say more.
    assert difference.mean() < 3
    assert np.percentile(difference, 99) <= 12


@pytest.mark.parametrize("name", ANCHORS)
def test_compression_is_survived(scene, name):
    levels = scene(2, (240, 320))
    coloured = as_jpeg(palette(name)[levels])
    assert palette_of(coloured) == name
    assert np.abs(intensity(coloured).astype(int) - levels).mean() < 6


def test_grey_is_grey(scene):
    levels = scene(1, (60, 80))
    grey = np.repeat(levels[..., None], 3, axis=2)
    assert palette_of(grey) is None
    np.testing.assert_array_equal(intensity(grey), levels)


def test_true_colours_become_luma(clutter):
    for seed in range(10):
        photograph = clutter(seed, (120, 160))
        assert palette_of(photograph) is None
        luma = photograph @ np.array([0.299, 0.587, 0.114])
        np.testing.assert_allclose(intensity(photograph), luma, atol=1)


def test_real_false_colour_is_known_and_photographs_are_not(real_data):
    folder = real_data / "thermal" / "dogs_people" / "train"
    if not folder.is_dir():
        pytest.skip(f"no false-colour images at {folder}")
    files = sorted(folder.iterdir())[::10]
    assert {palette_of(images.read(path)[0]) for path in files} == {"spectra"}
    photographs = sorted((real_data / "coco" / "train2017").iterdir())[::100]
    assert {palette_of(images.read(path)[0]) for path in photographs} == {None}


def test_bands_by_shape():
    grey = np.arange(12, dtype="uint16").reshape(3, 4)
    assert as_counts(grey, 1).shape == (3, 4, 1)
    np.testing.assert_array_equal(as_counts(grey, 3)[..., 2], grey)
    four = np.zeros((3, 4, 4), "uint16")
    assert as_counts(four, 4) is four
    colour = np.full((3, 4, 3), 90, "uint8")
    assert as_counts(colour, 3) is colour
    assert as_counts(colour, 1).tolist() == np.full((3, 4, 1), 90).tolist()
    # Alpha is no heat.
    alpha = np.dstack([colour, np.zeros((3, 4), "uint8")])
    assert (as_counts(alpha, 1) == 90).all()
    assert as_counts(alpha, 3).shape == (3, 4, 3)


@pytest.mark.parametrize(
    ("frame", "bands"),
    [
        (np.zeros((3, 4, 2), "uint16"), 1),
        (np.zeros((3, 4), "uint16"), 4),
        (np.zeros((3, 4, 3), "uint16"), 1),
        (np.zeros((0, 4), "uint16"), 1),
        (np.zeros(4, "uint16"), 1),
    ],
)
def test_another_number_of_bands_is_refused(frame, bands):
    with pytest.raises(ImageError, match=rf"\[height, width, {bands}\].*found \["):
        as_counts(frame, bands)


@pytest.mark.parametrize("frame", [[[1, 2]], np.zeros((3, 4), bool), np.zeros((3, 4), complex)])
def test_what_is_no_number_is_refused(frame):
    with pytest.raises(ImageError, match="integers or floats, found (list|bool|complex128)"):
        as_counts(frame, 1)


def test_half_floats_do_not_overflow():
    frame = np.array([[30_000, 60_000], [31_000, 59_000]])
    expected = as_counts(frame.astype("float32"), 1)
    for kind in ("<f2", ">f2"):
        found = as_counts(frame.astype(kind), 1)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-3)
