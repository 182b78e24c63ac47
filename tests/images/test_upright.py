import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from edgedet import images
from edgedet.images.upright import ORIENTATION


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_exif_orientation_is_honoured(tmp_path, orientation, kind, picture, lying):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / "picture"
    stored = Image.fromarray(lying(picture.pixels, orientation))
    stored.save(path, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))

    image, original = images.read(path)

    assert original == picture.size == images.read_header(path)[0]
    assert image.shape == (*picture.size, 3)
    np.testing.assert_allclose(picture.corners_of(image), picture.corners, atol=6)


def test_broken_exif_spoils_no_pixels(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", "\nexif\n4\nno hexadecimal number")
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 4), "red").save(path, pnginfo=text)
    image, original = images.read(path)
    assert original == (4, 8)
    assert (image == (255, 0, 0)).all()


def test_an_orientation_that_is_none_is_ignored(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 99
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (8, 4)).save(path, exif=exif)
    assert images.read(path)[1] == (4, 8)


def counts_of(size=(30, 40)):
    return np.random.default_rng(0).integers(2000, 16_000, size).astype("uint16")


def test_counts_are_turned_upright(tmp_path):
    counts = counts_of()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.fromarray(np.rot90(counts).copy()).save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(images.read_counts(tmp_path / "turned.png"), counts)
