import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from edgedet import images
from edgedet.errors import ImageError
from edgedet.images import reading
from edgedet.images.upright import ORIENTATION


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_files_give_their_pixels(tmp_path, kind, picture):
    path = tmp_path / "picture"
    Image.fromarray(picture.pixels).save(path, kind)
    image, original = images.read(path)
    np.testing.assert_array_equal(image, picture.pixels)
    assert original == picture.size


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_is_decoded_smaller_but_large_enough(tmp_path, orientation, monkeypatch, lying):
    decoded = []
    monkeypatch.setattr(reading, "resample", lambda image, size: decoded.append(image))
    # 160 wide and 1600 high when upright.
    upright = np.zeros((1600, 160, 3), "uint8")
    upright[:800] = 255
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / "tall.jpg"
    Image.fromarray(lying(upright, orientation)).save(path, exif=exif)

    _, original = images.read(path, (200, 20))

    assert original == (1600, 160)
    # At least twice 200 x 20: a quarter of the size is just that, an eighth would be too little.
    image = decoded[0]
    assert image.shape == (400, 40, 3)
    assert image[50, 20].min() > 250
    assert image[350, 20].max() < 5


def test_a_smaller_decoding_is_never_too_small(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "resample", lambda image, size: image)
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (101, 75)).save(path)
    for size in ((1, 1), (10, 10), (30, 40), (75, 101), (300, 300)):
        image, original = images.read(path, size)
        assert original == (75, 101)
        for side, wanted, full in zip(image.shape, size, original, strict=False):
            assert side >= min(2 * wanted, full)


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    image, _ = images.read(tmp_path / "moving.gif")
    np.testing.assert_array_equal(image, np.full((4, 6, 3), (255, 0, 0)))


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


def test_an_image_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("edgedet.images.opening.open_binary", refuse)
    with pytest.raises(ImageError, match=r"a\.png: .*found one that may not be read.*\n\S"):
        images.read(tmp_path / "a.png")


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


def tiff_of(counts, order="<", bands=1, colour=False):
    """Return a TIFF of uint16 `[30, 40, ...]`: one strip, from byte 8 on, then the directory."""
    entries = [(256, 4, 40), (257, 4, 30), (258, 3, 16), (259, 3, 1), (262, 3, 1 + colour)]
    entries += [(273, 4, 8), (277, 3, bands), (278, 4, 30), (279, 4, counts.nbytes)]
    directory = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        stored = struct.pack(order + ("I" if kind == 4 else "H2x"), value)
        directory += struct.pack(order + "HHI", tag, kind, 1) + stored
    pixels = counts.astype(order + "u2").tobytes()
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return mark + struct.pack(order + "I", 8 + len(pixels)) + pixels + directory + bytes(4)


@pytest.mark.parametrize("order", "<>")
def test_both_byte_orders_are_one(tmp_path, order):
    (tmp_path / "frame.tif").write_bytes(tiff_of(counts_of(), order))
    found = images.read_counts(tmp_path / "frame.tif")
    assert found.dtype == np.dtype("uint16")
    np.testing.assert_array_equal(found, counts_of())


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


def test_8_bits_are_kept_and_colour_is_colour(tmp_path, picture):
    Image.fromarray(picture.pixels[..., 0]).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(images.read_counts(tmp_path / "grey.png"), picture.pixels[..., 0])
    Image.fromarray(picture.pixels).save(tmp_path / "colour.png")
    np.testing.assert_array_equal(images.read_counts(tmp_path / "colour.png"), picture.pixels)


def png_of_16_bits(pixels, kind):
    """Return a PNG of uint16 `[H, W, channels]`; `kind` is its colour type."""

    def chunk(name, content):
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""),
    ])  # fmt: skip


@pytest.mark.parametrize(("kind", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_of_16_bits_none_are_dropped_unseen(tmp_path, kind, channels):
    pixels = np.repeat(counts_of()[..., None], channels, axis=2)
    path = tmp_path / "wide.png"
    path.write_bytes(png_of_16_bits(pixels, kind))
    if channels == 1:
        np.testing.assert_array_equal(images.read_counts(path), counts_of())
    else:
        with pytest.raises(ImageError, match=r"wide.png: expected 16 bits of grey alone"):
            images.read_counts(path)
    # People see the upper byte.
    assert images.read(path)[0].shape == (30, 40, 3)


def test_nor_are_they_of_a_tiff_in_colour(tmp_path):
    path = tmp_path / "wide.tif"
    path.write_bytes(tiff_of(np.repeat(counts_of()[..., None], 3, axis=2), bands=3, colour=True))
    with pytest.raises(ImageError, match=r"wide.tif: expected 16 bits of grey alone"):
        images.read_counts(path)
    np.testing.assert_array_equal(images.read(path)[0][..., 1], counts_of() >> 8)


@pytest.mark.parametrize(
    ("name", "begin", "cure"),
    [
        ("a.tiff", tiff_of(counts_of((30, 40, 4)), bands=4), "all of its bands as an array"),
        ("a.raw", bytes(100), "edgedet detect --raw WxH"),
        ("a.png", b"text", "Replace the file"),
    ],
)
def test_how_to_mend_a_file_that_cannot_be_read(tmp_path, name, begin, cure):
    (tmp_path / name).write_bytes(begin)
    with pytest.raises(ImageError, match=f"(?s){name}: expected a readable image, found .*{cure}"):
        images.read_counts(tmp_path / name)


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
