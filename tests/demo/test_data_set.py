import numpy as np
import pytest

from edgedet import images
from edgedet.data import wider_face
from edgedet.data.layouts import open_dataset
from edgedet.demo.data_set import write_data_set
from edgedet.demo.scenes import draw_scene

COUNTS = {"train": 12, "val": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("drawn")
    write_data_set(root, COUNTS, seed=4)
    return root


def test_the_parser_reads_every_image(folder):
    assert wider_face.splits(folder) == ("train", "val")
    for split, count in COUNTS.items():
        dataset = open_dataset(folder, split)
        assert len(dataset) == count
        assert dataset.class_names == ("face",)
        assert all(record.image.is_file() for record in dataset.records)
        assert not any(record.ignored.any() for record in dataset.records)


def test_the_file_says_what_was_drawn(folder):
    dataset = open_dataset(folder, "val")
    for index, record in enumerate(dataset.records):
        drawn = draw_scene(np.random.default_rng([4, 1, index]))
        assert np.array_equal(record.boxes, drawn.boxes)
        pixels, size = images.read(record.image)
        assert size == drawn.image.shape[:2]
        # JPEG rounds and smooths the noise, no more.
        assert np.abs(pixels.astype(int) - drawn.image).mean() < 6


def test_images_without_faces_are_kept(folder):
    counts = [len(record.boxes) for split in COUNTS for record in open_dataset(folder, split)]
    assert 0 in counts
    text = wider_face.annotation_file(folder, "train").read_text()
    text += wider_face.annotation_file(folder, "val").read_text()
    assert "\n0\n0 0 0 0 0 0 0 0 0 0\n" in text


def test_the_seed_decides(folder, tmp_path):
    def content(root):
        files = sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files}

    write_data_set(tmp_path / "same", COUNTS, seed=4)
    write_data_set(tmp_path / "other", COUNTS, seed=5)
    assert content(tmp_path / "same") == content(folder)
    assert content(tmp_path / "other") != content(folder)


def test_the_splits_differ(folder):
    train, val = (open_dataset(folder, split)[0].image.read_bytes() for split in COUNTS)
    assert train != val
