import dataclasses
import io
import struct

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from edgedet import images
from edgedet.errors import ImageError


@dataclasses.dataclass(frozen=True)
class Upright:
    """A picture whose four corners differ: 48 high, 64 wide."""

    size = (48, 64)
    corners = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))

    @property
    def pixels(self):
        pixels = np.zeros((*self.size, 3), "uint8")
        pixels[:24, :32], pixels[:24, 32:] = self.corners[:2]
        pixels[24:, :32], pixels[24:, 32:] = self.corners[2:]
        return pixels


PICTURE = Upright()


def corners_of(image):
    return [tuple(map(int, image[y, x])) for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_files_give_their_pixels(tmp_path, kind):
    path = tmp_path / "picture"
    Image.fromarray(PICTURE.pixels).save(path, kind)
    image, original = images.read(path)
    np.testing.assert_array_equal(image, PICTURE.pixels)
    assert original == PICTURE.size


# What a camera that was turned stores, so that turning it as the tag says gives the picture.
STORED = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, 1),
    7: lambda image: np.rot90(image, 2).transpose(1, 0, 2),
    8: lambda image: np.rot90(image, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_exif_orientation_is_honoured(tmp_path, orientation, kind):
    exif = Image.Exif()
    exif[images.ORIENTATION] = orientation
    path = tmp_path / "picture"
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](PICTURE.pixels)))
    stored.save(path, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))

    image, original = images.read(path)

    assert original == PICTURE.size
    assert image.shape == (*PICTURE.size, 3)
    np.testing.assert_allclose(corners_of(image), PICTURE.corners, atol=6)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_is_decoded_smaller_but_large_enough(tmp_path, orientation, monkeypatch):
    decoded = []
    monkeypatch.setattr(images, "resample", lambda image, size: decoded.append(image))
    # 160 wide and 1600 high when upright.
    upright = np.zeros((1600, 160, 3), "uint8")
    upright[:800] = 255
    exif = Image.Exif()
    exif[images.ORIENTATION] = orientation
    path = tmp_path / "tall.jpg"
    Image.fromarray(np.ascontiguousarray(STORED[orientation](upright))).save(path, exif=exif)

    _, original = images.read(path, (200, 20))

    assert original == (1600, 160)
    # At least twice 200 x 20: a quarter of the size is just that, an eighth would be too little.
    image = decoded[0]
    assert image.shape == (400, 40, 3)
    assert image[50, 20].min() > 250
    assert image[350, 20].max() < 5


def test_a_smaller_decoding_is_never_too_small(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "resample", lambda image, size: image)
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (101, 75)).save(path)
    for size in ((1, 1), (10, 10), (30, 40), (75, 101), (300, 300)):
        image, original = images.read(path, size)
        assert original == (75, 101)
        for side, wanted, full in zip(image.shape, size, original, strict=False):
            assert side >= min(2 * wanted, full)


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
    exif[images.ORIENTATION] = 99
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (8, 4)).save(path, exif=exif)
    assert images.read(path)[1] == (4, 8)


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


def test_palettes_with_and_without_transparency(tmp_path):
    pixels = Image.fromarray(PICTURE.pixels).quantize(4)
    pixels.save(tmp_path / "palette.png")
    np.testing.assert_allclose(
        corners_of(images.read(tmp_path / "palette.png")[0]), PICTURE.corners, atol=2
    )
    # The colour of the top left corner becomes invisible.
    pixels.save(tmp_path / "clear.png", transparency=pixels.getpixel((2, 2)))
    image, _ = images.read(tmp_path / "clear.png")
    np.testing.assert_allclose(corners_of(image), [(255,) * 3, *PICTURE.corners[1:]], atol=2)


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    image, _ = images.read(tmp_path / "moving.gif")
    np.testing.assert_array_equal(image, np.full((4, 6, 3), (255, 0, 0)))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_keep_their_upper_byte(tmp_path, kind):
    grey = np.array([[0, 256, 0x7FFF, 0xFFFF]], "uint16")
    Image.fromarray(grey).save(tmp_path / "grey", kind)
    image, _ = images.read(tmp_path / "grey")
    np.testing.assert_array_equal(image[0, :, 0], [0, 1, 0x7F, 0xFF])


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


def encoded(kind):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), "uint8")
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9])
def test_a_truncated_file_is_named(tmp_path, kind, share):
    content = encoded(kind)
    path = tmp_path / "cut"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ImageError, match=r"cut: expected a readable image"):
        images.read(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "GIF"])
def test_damage_is_an_image_error_or_an_image(tmp_path, kind):
    generator = np.random.default_rng(1)
    content = np.frombuffer(encoded(kind), "uint8")
    path = tmp_path / "damaged"
    for _ in range(60):
        damaged = content.copy()
        damaged[generator.integers(0, min(300, len(content)), 6)] = generator.integers(0, 256, 6)
        path.write_bytes(damaged.tobytes())
        try:
            image, _ = images.read(path, (16, 16))
        except ImageError:
            continue
        assert image.shape == (16, 16, 3)


def test_missing_files_folders_and_texts_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"none\.jpg: there is no such image"):
        images.read(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="expected a readable image"):
        images.read(tmp_path)
    (tmp_path / "notes.jpg").write_text("no image")
    with pytest.raises(ImageError, match=r"notes\.jpg: .*found a file that begins with 'no image'"):
        images.read(tmp_path / "notes.jpg")
    (tmp_path / "notes.jpg").write_text("")
    with pytest.raises(ImageError, match=r"notes\.jpg: .*found an empty file"):
        images.read(tmp_path / "notes.jpg")


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_an_image_that_would_fill_the_memory_is_refused(tmp_path, side):
    # A header alone promises the size: Pillow warns of 144 million pixels, refuses 3,600 million.
    header = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, side, side, 1, 24, *[0] * 6)
    (tmp_path / "bomb.bmp").write_bytes(header)
    with pytest.raises(ImageError, match=r"bomb\.bmp: expected an image that fits into memory"):
        images.read(tmp_path / "bomb.bmp")


def test_a_large_image_is_copied_whole(tmp_path):
    # More rows than one strip has, and not a multiple of it.
    pixels = np.random.default_rng(0).integers(0, 256, (2 * images.STRIP + 7, 3, 3), "uint8")
    Image.fromarray(pixels).save(tmp_path / "tall.png")
    image, _ = images.read(tmp_path / "tall.png")
    np.testing.assert_array_equal(image, pixels)


def test_from_bytes_by_hand():
    image = images.from_bytes(bytes(range(12)), 2, 2)
    np.testing.assert_array_equal(image[1, 0], [6, 7, 8])
    with pytest.raises(ImageError, match="Expected 12 bytes for 2 x 2"):
        images.from_bytes(bytes(11), 2, 2)


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


def test_encoders_give_files_that_read_the_same(tmp_path):
    image = soft_picture((200, 300))
    (tmp_path / "a.png").write_bytes(images.encode_png(image))
    np.testing.assert_array_equal(images.read(tmp_path / "a.png")[0], image)
    (tmp_path / "a.jpg").write_bytes(images.encode_jpeg(image))
    difference = images.read(tmp_path / "a.jpg")[0].astype(int) - image
    assert np.abs(difference).mean() < 3


def counts_of(size=(30, 40)):
    return np.random.default_rng(0).integers(2000, 16_000, size).astype("uint16")


@pytest.mark.parametrize("name", ["frame.png", "frame.tiff"])
def test_16_bits_are_kept(tmp_path, name):
    counts = counts_of()
    Image.fromarray(counts).save(tmp_path / name)
    found = images.read_counts(tmp_path / name)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, counts)
    # Where people look at them, the upper byte is shown.
    np.testing.assert_array_equal(images.read(tmp_path / name)[0][..., 1], counts >> 8)


def test_both_byte_orders_are_one(tmp_path):
    counts = counts_of()
    for order, mark in (("<", b"II*\0"), (">", b"MM\0*")):
        # One strip, uncompressed, from byte 8 on; then the directory of eight entries.
        entries = [(256, 4, 40), (257, 4, 30), (258, 3, 16), (259, 3, 1), (262, 3, 1)]
        entries += [(273, 4, 8), (278, 4, 30), (279, 4, counts.nbytes)]
        directory = struct.pack(order + "H", len(entries))
        for tag, kind, value in entries:
            stored = struct.pack(order + ("I" if kind == 4 else "H2x"), value)
            directory += struct.pack(order + "HHI", tag, kind, 1) + stored
        pixels = counts.astype(order + "u2").tobytes()
        head = mark + struct.pack(order + "I", 8 + len(pixels))
        (tmp_path / "frame.tif").write_bytes(head + pixels + directory + bytes(4))
        found = images.read_counts(tmp_path / "frame.tif")
        assert found.dtype == np.dtype("uint16")
        np.testing.assert_array_equal(found, counts)


def test_temperatures_are_kept(tmp_path):
    kelvin = (counts_of() / 50).astype("float32")
    Image.fromarray(kelvin).save(tmp_path / "kelvin.tiff")
    np.testing.assert_array_equal(images.read_counts(tmp_path / "kelvin.tiff"), kelvin)


def test_16_bits_in_32_are_16(tmp_path):
    # Some writers and older versions of Pillow hold 16 bits in 32.
    path = tmp_path / "wide.tiff"
    Image.fromarray(counts_of().astype("int32")).save(path)
    found = images.read_counts(path)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, counts_of())
    below_zero = counts_of().astype("int32") - 5000
    Image.fromarray(below_zero).save(path)
    found = images.read_counts(path)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, below_zero)


def test_8_bits_are_kept_and_colour_is_colour(tmp_path):
    Image.fromarray(PICTURE.pixels[..., 0]).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(images.read_counts(tmp_path / "grey.png"), PICTURE.pixels[..., 0])
    Image.fromarray(PICTURE.pixels).save(tmp_path / "colour.png")
    np.testing.assert_array_equal(images.read_counts(tmp_path / "colour.png"), PICTURE.pixels)


def test_counts_are_turned_upright(tmp_path):
    counts = counts_of()
    exif = Image.Exif()
    exif[images.ORIENTATION] = 6
    Image.fromarray(np.rot90(counts).copy()).save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(images.read_counts(tmp_path / "turned.png"), counts)


def test_arrays_are_images_too(tmp_path):
    path = tmp_path / "frame.npy"
    np.save(path, counts_of())
    np.testing.assert_array_equal(images.read_counts(path), counts_of())
    assert images.read_header(path) == ((30, 40), False)
    shown, original = images.read(path)
    assert original == (30, 40)
    np.testing.assert_array_equal(shown, np.repeat(counts_of()[..., None] >> 8, 3, axis=2))
    assert images.read(path, (15, 20))[0].shape == (15, 20, 3)
    # Three bands are shown as colour, of seven the first.
    np.save(path, np.arange(2 * 3 * 7, dtype="uint8").reshape(2, 3, 7))
    assert images.read(path)[0][1, 2].tolist() == [35, 35, 35]
    np.save(path, np.arange(2 * 3 * 3, dtype="uint8").reshape(2, 3, 3))
    assert images.read(path)[0][1, 2].tolist() == [15, 16, 17]


def test_missing_counts_are_named(tmp_path):
    for name in ("none.png", "none.npy"):
        with pytest.raises(ImageError, match=rf"{name}: there is no such image"):
            images.read_counts(tmp_path / name)


def test_raw_frames_by_hand():
    frame = images.from_raw(bytes([1, 0, 0, 1, 255, 63, 2, 0]), 2, 2)
    assert (frame.dtype, frame.shape) == (np.dtype("uint16"), (2, 2, 1))
    # Little-endian: the second byte counts 256.
    assert frame[..., 0].tolist() == [[1, 256], [16_383, 2]]
    assert images.from_raw(bytes(range(12)), 2, 2, bands=3, bits=8)[1, 0].tolist() == [6, 7, 8]
    with pytest.raises(ImageError, match="Expected 8 bytes for 2 x 2 pixels of 1 x 16 bits"):
        images.from_raw(bytes(7), 2, 2)
