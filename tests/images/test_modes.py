import numpy as np
import pytest
from PIL import Image

from edgedet import images
from edgedet.images import modes, reading


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 90, (90, 90, 90)),
        ("1", 1, (255, 255, 255)),
        ("LA", (90, 255), (90, 90, 90)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        # Invisible: white shows. Half visible: the mean of colour and white.
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
    ],
)
def test_modes_of_png(tmp_path, mode, colour, expected):
    path = tmp_path / "picture.png"
    Image.new(mode, (5, 4), colour).save(path)
    image, _ = images.read(path)
    assert image.shape == (4, 5, 3)
    np.testing.assert_allclose(image[0, 0], expected, atol=1)


def test_palettes_with_and_without_transparency(tmp_path, picture):
    pixels = Image.fromarray(picture.pixels).quantize(4)
    pixels.save(tmp_path / "palette.png")
    np.testing.assert_allclose(
        picture.corners_of(images.read(tmp_path / "palette.png")[0]), picture.corners, atol=2
    )
    # The colour of the top left corner becomes invisible.
    pixels.save(tmp_path / "clear.png", transparency=pixels.getpixel((2, 2)))
    image, _ = images.read(tmp_path / "clear.png")
    np.testing.assert_allclose(
        picture.corners_of(image), [(255,) * 3, *picture.corners[1:]], atol=2
    )


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_keep_their_upper_byte(tmp_path, kind):
    grey = np.array([[0, 256, 0x7FFF, 0xFFFF]], "uint16")
    Image.fromarray(grey).save(tmp_path / "grey", kind)
    image, _ = images.read(tmp_path / "grey")
    np.testing.assert_array_equal(image[0, :, 0], [0, 1, 0x7F, 0xFF])


@pytest.mark.parametrize("kind", ["png", "tif", "npy"])
def test_two_frames_of_one_video_are_equally_bright(tmp_path, kind):
    # One count of 200 in a dark frame and in a bright one, and a frame that is all but black.
    for number, others in enumerate((200, 60_000, 1)):
        frame = np.full((4, 5), others, "uint16")
        frame[0, 0] = min(200, others)
        path = tmp_path / f"{number}.{kind}"
        np.save(path, frame) if kind == "npy" else Image.fromarray(frame).save(path)
        shown = images.read(path)[0]
        # 200 of 65,535 is black: the upper byte of 200 is 0, that of 60,000 is 234.
        assert shown[0, 0].tolist() == [0, 0, 0]
        assert shown[1, 1, 0] == others // 256


@pytest.mark.parametrize(
    ("dtype", "counts", "expected"),
    [
        ("uint8", [0, 1], [0, 1]),
        ("int16", [-5, 0x7FFF], [0, 0x7F]),
        (">u2", [255, 256], [0, 1]),
    ],
)
def test_brightness_follows_from_the_type_alone(tmp_path, dtype, counts, expected):
    np.save(tmp_path / "frame.npy", np.array([counts], dtype))
    assert images.read(tmp_path / "frame.npy")[0][0, :, 2].tolist() == expected


def test_older_versions_of_pillow_hold_16_bits_of_a_png_in_32(tmp_path, monkeypatch):
    dark = np.full((2, 2), 200, "uint16")
    Image.fromarray(dark).save(tmp_path / "dark.png")
    now = reading.upright
    monkeypatch.setattr(reading, "upright", lambda file: now(file).convert("I"))
    assert not images.read(tmp_path / "dark.png")[0].any()


def test_floats_and_wide_integers(tmp_path):
    shares = np.array([[0.0, 0.5, 1.0, np.nan]], "float32")
    Image.fromarray(shares).save(tmp_path / "shares.tif")
    np.testing.assert_array_equal(
        images.read(tmp_path / "shares.tif")[0][0, :, 1], [0, 127, 255, 0]
    )
    levels = np.array([[0, 7, 255, -3]], "int32")
    Image.fromarray(levels).save(tmp_path / "levels.tif")
    np.testing.assert_array_equal(images.read(tmp_path / "levels.tif")[0][0, :, 2], [0, 7, 255, 0])


@pytest.mark.parametrize(("name", "expected"), [("white", 255), ("black", 0)])
def test_cmyk_is_not_inverted(tmp_path, name, expected):
    Image.new("RGB", (16, 16), name).convert("CMYK").save(tmp_path / "print.jpg")
    image, _ = images.read(tmp_path / "print.jpg")
    np.testing.assert_allclose(image, expected, atol=3)
    assert images.read(tmp_path / "print.jpg", (4, 4))[0].shape == (4, 4, 3)


def test_a_large_image_is_copied_whole(tmp_path):
    # More rows than one strip has, and not a multiple of it.
    pixels = np.random.default_rng(0).integers(0, 256, (2 * modes.STRIP + 7, 3, 3), "uint8")
    Image.fromarray(pixels).save(tmp_path / "tall.png")
    image, _ = images.read(tmp_path / "tall.png")
    np.testing.assert_array_equal(image, pixels)
