import gc
import logging

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from edgedet.data.source import buffer
from edgedet.data.source.buffer import in_memory, on_disk
from edgedet.data.source.decoded import Decoded, halve
from edgedet.data.source.pixels import FilePixels, open_pixels
from edgedet.data.source.reading import COLOUR, GREY, Reading
from edgedet.data.source.scan import scan
from edgedet.images import read


def cached(found, reading=COLOUR):
    return Decoded(found, reading, in_memory)


def mapped(found, reading=COLOUR):
    return Decoded(found, reading, on_disk)


def from_files(found, reading=COLOUR):
    return FilePixels(found, reading)


@pytest.fixture
def photographs(clutter, make_dataset):
    images = [
        (clutter(seed, size), []) for seed, size in enumerate([(96, 128), (80, 50), (33, 47)])
    ]
    return make_dataset(*images, quality=90)


def look(pixels, index, halvings=0, first=(0, 0), last=None):
    """Return a part of an image, or all of it; `last` is needed where its size is unknown."""
    part = tf.constant([*first, *np.subtract(last, first)], tf.int32)
    return tf.function(pixels)(tf.constant(index, tf.int64), tf.constant(halvings), part).numpy()


def whole(pixels, found, index, halvings=0):
    return look(pixels, index, halvings, last=np.maximum(found.sizes[index] // 2**halvings, 1))


@pytest.mark.parametrize("kind", [cached, mapped, from_files])
def test_all_give_the_device_s_pixels(photographs, kind):
    found = scan(photographs)
    pixels = kind(found)
    for index, record in enumerate(photographs.records):
        np.testing.assert_array_equal(whole(pixels, found, index), read(record.image)[0])


@pytest.mark.parametrize("kind", [cached, mapped, from_files])
@pytest.mark.parametrize("halvings", [0, 1, 2, 3])
def test_a_part_is_a_part_of_the_whole(photographs, kind, halvings):
    found = scan(photographs)
    pixels = kind(found)
    everything = whole(pixels, found, 0, halvings)
    (top, left), (bottom, right) = np.array([[3, 1], [11, 14]]) * 8 // 2**halvings
    part = look(pixels, 0, halvings, (top, left), (bottom, right)).astype(int)
    apart = np.abs(part - everything[top:bottom, left:right])
    if kind is from_files:
        # Along the edge of a part of a JPEG, colours are interpolated without its neighbours.
        apart = apart[1:-1, 1:-1]
    np.testing.assert_array_equal(apart, 0)


def test_a_reduced_image_is_the_average_of_its_pixels(photographs):
    found = scan(photographs)
    full = read(photographs[0].image)[0]
    memory, files = cached(found), from_files(found)
    for halvings in (1, 2, 3):
        size = np.array([96, 128]) // 2**halvings
        expected = full.reshape(size[0], 2**halvings, size[1], 2**halvings, 3).mean((1, 3))
        # Rounded once at each halving.
        reduced = whole(memory, found, 0, halvings)
        assert np.abs(reduced - expected).max() <= 0.5 * halvings + 1e-3
        # A scaled inverse DCT leaves frequencies out, which is nearly the same.
        assert np.abs(whole(files, found, 0, halvings) - expected).mean() < 2


def test_halving_by_hand():
    image = np.array([[1, 2, 9], [3, 4, 9], [9, 9, 9]], "uint8")[..., None]
    # 2.5, which is rounded up; the odd last row and column are left out.
    np.testing.assert_array_equal(halve(image), [[[3]]])
    np.testing.assert_array_equal(halve(np.array([[[7], [9], [200]]], "uint8")), [[[8]]])
    np.testing.assert_array_equal(halve(np.array([[[7]]], "uint8")), [[[7]]])


def test_other_files_are_read_as_on_the_device(photographs, clutter):
    # A PNG with transparency, and a JPEG that is stored lying; the third stays plain.
    paths = [record.image for record in photographs.records]
    see_through = np.dstack([clutter(5, (20, 30)), np.full((20, 30), 128, "uint8")])
    Image.fromarray(see_through).save(paths[0], "PNG")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(clutter(6, (40, 24))).save(paths[1], exif=exif)
    found = scan(photographs)
    assert found.plain.tolist() == [False, False, True]
    for kind in (cached, mapped, from_files):
        pixels = kind(found)
        for index in range(3):
            np.testing.assert_array_equal(whole(pixels, found, index), read(paths[index])[0])
    assert found.sizes[1].tolist() == [24, 40]


def test_grey_keeps_one_band(photographs, clutter):
    path = photographs[2].image
    Image.fromarray(clutter(3, (33, 47))[..., 0]).save(path, quality=90)
    found = scan(photographs)
    memory, files = cached(found, GREY), from_files(found, GREY)
    for index, record in enumerate(photographs.records):
        expected = np.asarray(Image.fromarray(read(record.image)[0]).convert("L"))[..., None]
        np.testing.assert_array_equal(whole(memory, found, index), expected)
        # JPEG stores luma; from colours it is computed with another rounding.
        apart = whole(files, found, index).astype(int) - expected
        assert np.abs(apart).max() <= (0 if index == 2 else 3)
        assert np.abs(apart).mean() < 1


def test_whatever_reads_the_files_decides_about_pixels(photographs):
    # Two bands of which no decoder knows, so no JPEG is left to TensorFlow.
    def two_bands(path):
        image = read(path)[0]
        return np.dstack([255 - image[..., 0], image[..., 1]])

    found = scan(photographs)
    reading = Reading(2, two_bands)
    for pixels in (cached(found, reading), from_files(found, reading)):
        for index, record in enumerate(photographs.records):
            np.testing.assert_array_equal(whole(pixels, found, index), two_bands(record.image))


@pytest.mark.parametrize("kind", [cached, from_files])
def test_a_file_that_breaks_later_is_grey_reported_and_marked(photographs, clutter, kind, caplog):
    path = photographs[1].image
    Image.fromarray(clutter(1, (80, 50))).save(path, "PNG")
    found = scan(photographs)
    # Whole when it was looked at, cut off when it is read.
    path.write_bytes(path.read_bytes()[:2000])
    with caplog.at_level(logging.WARNING):
        pixels = kind(found)
    np.testing.assert_array_equal(whole(pixels, found, 1), np.full((80, 50, 3), 128))
    assert pixels.broken.tolist() == [False, True, False]
    assert str(path) in caplog.text
    assert "1 of" in caplog.text and "nothing is asked about them" in caplog.text


def test_a_file_of_another_size_than_its_header_said_is_grey(photographs, caplog):
    found = scan(photographs)
    found.sizes[0] = 90, 128
    with caplog.at_level(logging.WARNING):
        assert cached(found).broken.tolist() == [True, False, False]
    assert "(96, 128, 3), not (90, 128, 3)" in caplog.text


def bytes_needed():
    """Return the bytes of the images of `photographs` and their reductions."""
    sides = [(96, 128), (80, 50), (33, 47)]
    return sum(3 * (h >> k) * (w >> k) for h, w in sides for k in range(4))


def test_images_that_do_not_fit_into_memory_stay_files(photographs, monkeypatch, caplog):
    found, needed = scan(photographs), bytes_needed()
    monkeypatch.setattr(buffer, "free_memory", lambda: 2.0 * needed)
    assert isinstance(open_pixels(found, COLOUR, cache=True), Decoded)
    monkeypatch.setattr(buffer, "free_memory", lambda: 2.0 * needed - 1)
    with caplog.at_level(logging.INFO):
        assert isinstance(open_pixels(found, COLOUR, cache=True), FilePixels)
    (line,) = caplog.messages
    assert f"{needed:,} bytes" in line and line.startswith("not cached: drawn")


def test_pixels_are_held_once(photographs):
    buffers = []

    def remember(count, source):
        buffers.append(in_memory(count, source))
        return buffers[0]

    memory = Decoded(scan(photographs), COLOUR, remember)
    # What changes in the buffer changes in the images: there is no copy.
    buffers[0][:3] = 1, 2, 3
    np.testing.assert_array_equal(look(memory, 0, last=(5, 5))[0, 0], [1, 2, 3])


@pytest.mark.parametrize("kind", [cached, mapped])
def test_images_outlive_the_object_that_read_them(photographs, kind):
    expected = [read(record.image)[0][:30, :40].sum() for record in photographs.records]
    part = tf.constant([0, 0, 30, 40])

    def images_of(pixels):
        indices = tf.data.Dataset.range(3)
        return indices.map(lambda index: pixels(index, 0, part))

    images = images_of(kind(scan(photographs)))
    gc.collect()
    assert [int(image.numpy().sum()) for image in images] == expected
