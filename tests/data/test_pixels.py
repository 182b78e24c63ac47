import gc
import logging

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from edgedet.data import pixels as module
from edgedet.data.pixels import FilePixels, MemoryPixels
from edgedet.data.scan import scan
from edgedet.errors import DataError
from edgedet.images import read

FULL = tf.constant([1.0, 1.0])


@pytest.fixture
def photographs(clutter, make_dataset):
    images = [
        (clutter(seed, size), []) for seed, size in enumerate([(96, 128), (80, 50), (33, 47)])
    ]
    return make_dataset(*images, quality=90)


def look(pixels, index, scale=FULL):
    return tf.function(pixels)(tf.constant(index), tf.constant(scale, tf.float32)).numpy()


def test_memory_and_files_give_the_same_pixels(photographs):
    found = scan(photographs)
    memory, files = MemoryPixels(found), FilePixels(found)
    for index, record in enumerate(photographs.records):
        expected, _ = read(record.image)
        np.testing.assert_array_equal(look(memory, index), expected)
        np.testing.assert_array_equal(look(files, index), expected)


@pytest.mark.parametrize(
    ("scale", "shape"),
    [
        # It stays at least twice as large as it is shown; eight is as far as JPEG goes.
        (1.0, (96, 128)),
        (0.3, (96, 128)),
        (0.25, (48, 64)),
        (0.125, (24, 32)),
        (0.01, (12, 16)),
    ],
)
def test_a_jpeg_is_decoded_as_small_as_it_may_be(photographs, scale, shape):
    files = FilePixels(scan(photographs))
    reduced = look(files, 0, [scale, scale / 2])
    assert reduced.shape == (*shape, 3)
    whole = Image.fromarray(read(photographs[0].image)[0])
    expected = np.asarray(whole.resize(shape[::-1], Image.Resampling.BOX), int)
    assert np.abs(reduced - expected).mean() < 2


def test_other_files_are_read_as_on_the_device(photographs, clutter):
    # A PNG with transparency, and a JPEG that is stored lying; the third stays plain.
    paths = [record.image for record in photographs.records]
    see_through = np.dstack([clutter(5, (20, 30)), np.full((20, 30), 128, "uint8")])
    Image.fromarray(see_through).save(paths[0], "PNG")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(clutter(6, (40, 24))).save(paths[1], exif=exif)
    found = scan(photographs)
    for kind in (MemoryPixels, FilePixels):
        pixels = kind(found)
        for index in range(3):
            expected, _ = read(paths[index])
            np.testing.assert_array_equal(look(pixels, index), expected)
    assert found.sizes[1].tolist() == [24, 40]


@pytest.mark.parametrize("kind", [MemoryPixels, FilePixels])
def test_a_file_that_breaks_later_is_grey_and_reported(photographs, clutter, kind, caplog):
    path = photographs[1].image
    Image.fromarray(clutter(1, (80, 50))).save(path, "PNG")
    found = scan(photographs)
    # Whole when it was looked at, cut off when it is read.
    path.write_bytes(path.read_bytes()[:2000])
    with caplog.at_level(logging.WARNING):
        shown = look(kind(found), 1)
    np.testing.assert_array_equal(shown, np.full((80, 50, 3), 128))
    assert str(path) in caplog.text


def test_images_that_do_not_fit_into_memory_are_refused(photographs, monkeypatch):
    found = scan(photographs)
    needed = 3 * (96 * 128 + 80 * 50 + 33 * 47)
    monkeypatch.setattr(module, "free_memory", lambda: 2.0 * needed)
    MemoryPixels(found)
    monkeypatch.setattr(module, "free_memory", lambda: 2.0 * needed - 1)
    with pytest.raises(DataError, match=r"drawn: .*53,517 bytes of pixels.*\n.*--no-cache"):
        MemoryPixels(found)


def test_pixels_are_held_once(photographs, monkeypatch):
    buffers = []
    allocate = module._aligned

    def remember(count):
        buffers.append(allocate(count))
        return buffers[0]

    monkeypatch.setattr(module, "_aligned", remember)
    memory = MemoryPixels(scan(photographs))
    # What changes in the buffer changes in the images: there is no copy.
    buffers[0][:3] = 1, 2, 3
    np.testing.assert_array_equal(look(memory, 0)[0, 0], [1, 2, 3])


def test_images_outlive_the_object_that_read_them(photographs):
    expected = [read(record.image)[0].sum() for record in photographs.records]

    def images_of(pixels):
        return tf.data.Dataset.range(3).map(lambda index: pixels(index, FULL))

    images = images_of(MemoryPixels(scan(photographs)))
    gc.collect()
    assert [int(image.numpy().sum()) for image in images] == expected
