import dataclasses
import io
import json
import logging

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from edgedet.cli.main import main
from edgedet.data.layouts import open_dataset, splits_of
from edgedet.data.pipeline import batches
from edgedet.data.record import PER_OBJECT, WIDER_FACE, Dataset, Record
from edgedet.data.shards import index as shard_index
from edgedet.data.shards import layout as shards
from edgedet.data.shards.writer import write_shards
from edgedet.errors import AnnotationError, DataError
from edgedet.settings import Feeding

INPUT = (64, 64)


@pytest.fixture
def drawn(clutter, make_dataset):
    """Seven images of different sizes, one without objects."""
    box = [8, 8, 40, 38]
    images = [clutter(seed, (40 + seed, 60)) for seed in range(7)]
    counts = [seed % 3 for seed in range(7)]
    return make_dataset(
        *(
            (image, [box] * count, [seed == 2] * count)
            for seed, (image, count) in enumerate(zip(images, counts, strict=True))
        )
    )


def assert_same_records(found, expected):
    for name in ("class_names", "category_ids", "protocol"):
        assert getattr(found, name) == getattr(expected, name)
    for ours, theirs in zip(found.records, expected.records, strict=True):
        assert ours.image.read_bytes() == theirs.image.read_bytes()
        assert ours.image.stem == theirs.image.stem
        assert ours.image.parent.name == theirs.image.parent.name
        for field in dataclasses.fields(Record):
            if field.name == "image":
                continue
            one, other = getattr(ours, field.name), getattr(theirs, field.name)
            np.testing.assert_array_equal(one, other, err_msg=field.name)
            assert getattr(one, "dtype", type(one)) == getattr(other, "dtype", type(other))


@pytest.mark.parametrize("count", [1, 3])
def test_records_come_back_as_they_were(drawn, tmp_path, count):
    paths = write_shards(drawn, tmp_path / "s", "train", count)
    assert [path.name for path in paths] == [
        f"train-{number:05d}-of-{count:05d}.tfrecord" for number in range(count)
    ]
    assert_same_records(shards.read(tmp_path / "s", "train"), drawn)
    assert shards.verify(tmp_path / "s", "train") == count


def test_everything_that_a_record_says_comes_back(drawn, tmp_path):
    rows = {"areas": "float32", "scores": "float32", "track_ids": "int32"}
    first, second, *rest = drawn.records[1:]
    said = {name: np.array([7], kind) for name, kind in rows.items()}
    assert set(said) == set(PER_OBJECT) - {"boxes", "labels", "ignored"}
    first = dataclasses.replace(
        first, **said, known=np.array([False]), image_id=2**40, dataset="hit_uav", domain=3
    )
    whole = Dataset([first, second, *rest], ("face",), (7,), "drawn")
    write_shards(whole, tmp_path, "val2017", 2)
    assert shards.splits(tmp_path) == ("val2017",)
    assert_same_records(shards.read(tmp_path, "val"), whole)


@pytest.mark.parametrize("cache", [False, True])
def test_batches_are_those_of_the_folder(drawn, tmp_path, cache):
    write_shards(drawn, tmp_path / "s", "train", 3)
    feeding = Feeding(mosaic=0.5, cache=cache)
    ours, theirs = (
        list(batches(each, INPUT, 3, training=True, feeding=feeding).as_numpy_iterator())
        for each in (shards.read(tmp_path / "s", "train"), drawn)
    )
    assert len(ours) == 2
    for one, other in zip(ours, theirs, strict=True):
        for name, value in other.items():
            np.testing.assert_array_equal(one[name], value, err_msg=name)


def test_an_epoch_goes_through_all_shards_in_any_order(make_dataset, tmp_path):
    # Grey 0, 10, 20 ...; two images a shard.
    levels = [10 * level for level in range(20)]
    greys = make_dataset(*((np.full((64, 64, 3), level, "uint8"), []) for level in levels))
    write_shards(greys, tmp_path / "s", "train", 10)
    plain = Feeding(photometric=dataclasses.replace(Feeding().photometric, **STILL), flip=0.0)
    found = batches(shards.read(tmp_path / "s", "train"), INPUT, 2, training=True, feeding=plain)
    order = [
        round(float(image[32, 32, 0]) * 25.5)
        for batch in found.as_numpy_iterator()
        for image in batch["images"]
    ]
    assert sorted(order) == list(range(20))
    together = sum(a // 2 == b // 2 for a, b in zip(order, order[1:], strict=False))
    # In shuffled shards, one after another, 10 of 19 neighbours would share a shard.
    assert together <= 4


STILL = dict.fromkeys(("brightness", "contrast", "saturation", "tint", "grey", "noise"), 0.0)


def test_shards_beside_a_folder(drawn, tmp_path):
    write_shards(drawn, tmp_path / "s", "train", 2)
    both = Dataset(
        [*shards.read(tmp_path / "s", "train").records, *drawn.records], ("face",), (1,), "both"
    )
    first, second = np.split(
        np.concatenate([b["images"] for b in batches(both, INPUT, 7).as_numpy_iterator()]), 2
    )
    np.testing.assert_array_equal(first, second)


def test_shards_of_an_earlier_writing_go(drawn, tmp_path):
    write_shards(drawn, tmp_path, "train", 3)
    write_shards(drawn, tmp_path, "train-b", 3)
    write_shards(drawn, tmp_path, "train", 2)
    names = sorted(path.name for path in tmp_path.glob("*.tfrecord"))
    assert [name.startswith("train-b") for name in names] == [False] * 2 + [True] * 3
    assert len(shards.read(tmp_path, "train").records) == len(drawn)


def test_other_tools_can_read_them(drawn, tmp_path):
    paths = write_shards(drawn, tmp_path / "s", "train", 2)
    features = dict.fromkeys(
        ("image/encoded", "image/filename"), tf.io.FixedLenFeature([], tf.string)
    )
    # TFRecordDataset checks the checksum of every record.
    examples = tf.data.TFRecordDataset([str(path) for path in paths])
    found = [tf.io.parse_single_example(each, features) for each in examples]
    for example, record in zip(found, drawn.records, strict=True):
        assert example["image/encoded"] == record.image.read_bytes()
        assert example["image/filename"].numpy().decode().endswith(f"/{record.image.name}")


def test_unreadable_images_stay_out(drawn, tmp_path, caplog):
    drawn.records[3].image.write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        write_shards(drawn, tmp_path / "s", "train")
    assert len(shards.read(tmp_path / "s", "train")) == 6
    assert "skipped 1 of 7 images" in caplog.text


def test_damage(drawn, tmp_path):
    first, second = write_shards(drawn, tmp_path / "s", "train", 2)
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.write_bytes(content)
    shards.read(tmp_path / "s", "train")
    with pytest.raises(DataError, match=f"{first.name}: expected the checksum .*\n.*copy it again"):
        shards.verify(tmp_path / "s", "train")
    first.write_bytes(content[:-1])
    with pytest.raises(
        DataError, match=f"of {len(content):,} bytes, found one of {len(content) - 1:,}"
    ):
        shards.read(tmp_path / "s", "train")
    first.unlink()
    with pytest.raises(DataError, match="bytes, found none"):
        shards.read(tmp_path / "s", "train")


@pytest.mark.parametrize("content", [b"", b"PK", None])
def test_a_damaged_index(drawn, tmp_path, monkeypatch, content):
    with monkeypatch.context() as patch:
        patch.setattr(shard_index, "VERSION", 99)
        write_shards(drawn, tmp_path / "s", "train")
    path = tmp_path / "s" / "train.shards.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AnnotationError, match="train.shards.npz: expected the index of shards"):
        shards.read(tmp_path / "s", "train")


def test_shards_that_do_not_say_their_protocol(drawn, tmp_path, monkeypatch):
    # Older versions did not write it: their shards are read, and measured by COCO's numbers alone.
    write = shard_index.files.write_bytes

    def without_protocol(path, content):
        columns = dict(np.load(io.BytesIO(content)))
        facts = json.loads(columns["facts"].tobytes())
        del facts["protocol"]
        columns["facts"] = np.frombuffer(json.dumps(facts).encode(), "uint8")
        older = io.BytesIO()
        np.savez_compressed(older, **columns)
        write(path, older.getvalue())

    monkeypatch.setattr(shard_index.files, "write_bytes", without_protocol)
    faces = dataclasses.replace(drawn, protocol=WIDER_FACE)
    write_shards(faces, tmp_path / "s", "train")
    found = shards.read(tmp_path / "s", "train")
    assert found.protocol == ""
    assert_same_records(found, drawn)


def test_the_command(write_faces, tmp_path, capsys):
    folder, out = write_faces(tmp_path / "faces", train=4, val=2), tmp_path / "s"
    assert main(["data", "shard", "--data", str(folder), "--out", str(out), "--shards", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert splits_of(out) == ("train", "val")
    assert open_dataset(out, "val").protocol == WIDER_FACE
    for split in ("train", "val"):
        assert_same_records(open_dataset(out, split), open_dataset(folder, split))
    assert main(["data", "verify", str(out)]) == 0
    assert capsys.readouterr().out == (
        "train: 2 shards as they were written\nval: 2 shards as they were written\n"
    )
    assert main(["data", "verify", str(folder)]) == 1
    assert "expected a folder of shards" in capsys.readouterr().err


def test_pictures_of_other_kinds_come_through(tmp_path):
    Image.fromarray(np.zeros((8, 9), "uint16") + 500).save(tmp_path / "wide.png")
    empty = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    dataset = Dataset([Record(tmp_path / "wide.png", *empty)], ("a",), (1,), "wide")
    write_shards(dataset, tmp_path / "s", "train")
    [record] = shards.read(tmp_path / "s", "train").records
    assert record.image.header == ((8, 9), False)
