import dataclasses
import logging

import numpy as np
import pytest
from PIL import Image

from edgedet.data.record import Dataset
from edgedet.data.source.scan import scan
from edgedet.errors import DataError


def test_headers(tmp_path, greys):
    dataset = greys(4)
    paths = [record.image for record in dataset.records]
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40)).save(paths[1], exif=exif)
    Image.new("L", (30, 20)).save(paths[2])
    Image.new("CMYK", (30, 20)).save(paths[3])

    found = scan(dataset)

    # (height, width); the second is stored lying and stands upright.
    np.testing.assert_array_equal(found.sizes, [[48, 64], [60, 40], [20, 30], [20, 30]])
    np.testing.assert_array_equal(found.plain, [True, False, True, False])
    assert found.skipped == 0
    assert found.dataset.records == dataset.records


def truncate(path, share=0.7):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_bad_images_are_reported_counted_and_left_out(clutter, make_dataset, caplog, suffix):
    images = [(clutter(seed, (48, 64)), [[0, 0, 9, 9]]) for seed in range(5)]
    dataset = make_dataset(*images, suffix=suffix)
    paths = [record.image for record in dataset.records]
    truncate(paths[0])
    paths[2].unlink()
    paths[3].write_text("no image")

    with caplog.at_level(logging.WARNING):
        found = scan(dataset)

    assert [record.image_id for record in found.dataset.records] == [1, 4]
    assert len(found.sizes) == len(found.plain) == 2
    assert found.skipped == 3
    for path in (paths[0], paths[2], paths[3]):
        assert sum(f"skipped: {path}" in line for line in caplog.messages) == 1
    assert caplog.messages.count("drawn: skipped 3 of 5 images") == 1


@pytest.mark.parametrize("tail", [b"\0" * 30, b"a camera's own data " * 500])
def test_bytes_after_the_end_do_no_harm(greys, tail):
    dataset = greys(1)
    path = dataset[0].image
    path.write_bytes(path.read_bytes() + tail)
    assert scan(dataset).skipped == 0


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(
    ("missing", "tail"), [(2, b""), (10, b""), (2000, b""), (2000, bytes(3000))]
)
def test_a_jpeg_whose_end_is_missing_is_left_out(
    clutter, make_dataset, caplog, progressive, missing, tail
):
    images = [(clutter(seed, (96, 128)), []) for seed in range(2)]
    dataset = make_dataset(*images, progressive=progressive, quality=90)
    path = dataset[0].image
    # An interrupted download ends early, or in zeros where its place was reserved.
    path.write_bytes(path.read_bytes()[:-missing] + tail)
    with caplog.at_level(logging.WARNING):
        found = scan(dataset)
    assert found.dataset.records == [dataset[1]]
    assert f"skipped: {path}: expected a readable image" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html>no such page", "found a file that begins with '<!DOCTYPE html><'"),
        (b"", "found an empty file"),
    ],
)
def test_what_a_server_sends_in_place_of_an_image(greys, caplog, content, message):
    dataset = greys(2)
    dataset[1].image.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert scan(dataset).skipped == 1
    assert f"{dataset[1].image}: expected a readable image, {message}." in caplog.text


def test_no_readable_image(greys):
    dataset = greys(2)
    missing = [dataclasses.replace(record, image="no.jpg") for record in dataset.records]
    with pytest.raises(DataError, match=r"drawn: .*found none among 2\.\nCheck"):
        scan(Dataset(missing, ("face",), (1,), "drawn"))


def test_frames_of_thermal_sensors(tmp_path, greys):
    dataset = greys(4)
    counts = np.full((24, 32), 30_000, "uint16")
    paths = [tmp_path / name for name in ("a.png", "b.tiff", "c.npy", "d.npy")]
    for path in paths[:2]:
        Image.fromarray(counts).save(path)
    np.save(paths[2], np.zeros((9, 7, 4), "float32"))
    np.save(paths[3], counts)
    truncate(paths[3])
    records = [
        dataclasses.replace(record, image=path)
        for record, path in zip(dataset.records, paths, strict=True)
    ]
    found = scan(dataclasses.replace(dataset, records=records))
    np.testing.assert_array_equal(found.sizes, [[24, 32], [24, 32], [9, 7]])
    assert not found.plain.any()
    assert found.skipped == 1
