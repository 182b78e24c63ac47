import gzip
import logging

import numpy as np
import pytest

from edgedet.data import wider_face
from edgedet.errors import AnnotationError, DataError

FACE = "10 20 30 40 0 0 0 0 0 0 "
INVALID = "1 2 3 4 2 0 0 1 0 0 "
ZEROS = "0 0 0 0 0 0 0 0 0 0 "


@pytest.fixture
def records(tmp_path):
    """Parse lines as the text of a split."""

    def parse(*lines, end="\n"):
        path = tmp_path / "wider_face_val_bbx_gt.txt"
        path.write_bytes(end.join([*lines, ""]).encode())
        return list(wider_face.read_records(path, tmp_path))

    return parse


def test_a_face_by_hand(records, tmp_path):
    (record,) = records("0--Parade/a.jpg", "2", FACE, INVALID)
    assert record.image == tmp_path / "0--Parade" / "a.jpg"
    np.testing.assert_array_equal(record.boxes, [[10, 20, 40, 60], [1, 2, 4, 6]])
    np.testing.assert_array_equal(record.ignored, [False, True])
    np.testing.assert_array_equal(record.labels, [0, 0])
    assert (record.boxes.dtype, record.labels.dtype) == (np.float32, np.int32)


@pytest.mark.parametrize(
    "empty",
    [("0", ZEROS), ("0",), ("1", ZEROS)],
    ids=["as in train", "without its line", "as in val"],
)
def test_images_without_faces_are_kept(records, empty):
    found = records("a.jpg", *empty, "b.jpg", "1", FACE)
    assert [len(record.boxes) for record in found] == [0, 1]
    assert [record.image_id for record in found] == [0, 1]
    assert found[0].boxes.shape == (0, 4)


@pytest.mark.parametrize("size", ["0 4", "3 0", "-3 4", "3 -4"])
def test_boxes_without_size_are_dropped_and_counted(records, size, caplog):
    with caplog.at_level(logging.INFO):
        (record,) = records("a.jpg", "2", f"1 2 {size} 0 0 0 0 0 0", FACE)
    np.testing.assert_array_equal(record.boxes, [[10, 20, 40, 60]])
    assert "dropped 1 boxes" in caplog.text


def test_blank_lines_and_line_ends_of_other_systems(records):
    lines = ("a.jpg", "1", FACE, "", "b.jpg", "0", ZEROS, "", "  ", "")
    for end in ("\n", "\r\n"):
        assert [len(record.boxes) for record in records(*lines, end=end)] == [1, 0]


def test_names_may_hold_spaces(records):
    (record,) = records("0--Parade/a face.jpg", "1", FACE)
    assert record.image.name == "a face.jpg"


def test_an_empty_text_has_no_images(records):
    assert records() == []


@pytest.mark.parametrize(
    ("lines", "place", "found"),
    [
        (("a.jpg", "1", "10 20 x 40 0 0 0 0 0 0"), 3, "'10 20 x 40 0 0 0 0 0 0'"),
        (("a.jpg", "1", "10 20 3.5 40 0 0 0 0 0 0"), 3, "'10 20 3.5 40 0 0 0 0 0 0'"),
        (("a.jpg", "1", "10 20 \u00b2 40 0 0 0 0 0 0"), 3, "10 20 \u00b2"),
        (("a.jpg", "1", "10 20 30 40"), 3, "'10 20 30 40'"),
        (("a.jpg", "one", FACE), 2, "'one'"),
        (("a.jpg", "-1", FACE), 2, "'-1'"),
        (("a.jpg", "\u00b2", FACE), 2, "'\u00b2'"),
        (("a.jpg",), 2, "the end of the file"),
        (("a.jpg", "3", FACE, FACE), 5, "the end of the file"),
        (("a.jpg", "2", FACE, "b.jpg", "1", FACE), 4, "'b.jpg'"),
        (("a.jpg", "1", FACE, FACE, "b.jpg", "1", FACE), 4, repr(FACE.strip())),
        (("a.jpg", "0", FACE), 3, repr(FACE.strip())),
        (("a.jpg", "1", "9" * 500), 3, "..."),
    ],
)
def test_damage_is_named_with_its_line(records, lines, place, found):
    with pytest.raises(AnnotationError, match=rf"wider_face_val_bbx_gt.txt:{place}: ") as raised:
        records(*lines)
    message = str(raised.value)
    assert found in message.splitlines()[0]
    assert "download the file again" in message
    assert len(message) < 500


def test_missing_images_are_logged_with_their_lines(records, tmp_path, caplog):
    (tmp_path / "a.jpg").touch()
    with caplog.at_level(logging.WARNING):
        found = records("a.jpg", "1", FACE, "gone.jpg", "1", FACE)
    assert [record.image for record in found] == [tmp_path / "a.jpg", tmp_path / "gone.jpg"]
    assert "bbx_gt.txt:4: there is no image gone.jpg" in caplog.text
    assert "1 of 2 images" in caplog.text


def test_a_folder_without_text_or_images_is_refused(tmp_path):
    with pytest.raises(DataError, match="wider_face_val_bbx_gt.txt in wider_face_split"):
        wider_face.read(tmp_path, "val")
    text = wider_face.annotation_file(tmp_path, "val")
    text.parent.mkdir()
    text.touch()
    with pytest.raises(DataError, match="WIDER_val/images, found no such folder"):
        wider_face.read(tmp_path, "val")


@pytest.mark.parametrize(
    ("split", "images", "faces", "invalid", "empty"),
    [("train", 4418, 43091, 452, 0), ("val", 230, 2288, 79, 2)],
)
def test_the_real_subset(real_data, split, images, faces, invalid, empty):
    # Counted with awk: lines of ten numbers with both sides above 0, and those flagged.
    dataset = wider_face.read(real_data / "faces", split)
    counts = [len(record.boxes) for record in dataset]
    assert (len(dataset), sum(counts), counts.count(0)) == (images, faces, empty)
    assert sum(int(record.ignored.sum()) for record in dataset) == invalid
    assert all(record.image.is_file() for record in dataset)


@pytest.mark.parametrize(
    ("split", "images", "faces", "invalid"),
    [("train", 12880, 159393, 2399), ("val", 3226, 39697, 585)],
)
def test_the_whole_official_text(real_data, tmp_path, split, images, faces, invalid):
    name = f"wider_face_{split}_bbx_gt.txt"
    packed = real_data / "faces" / "wider_face_split" / "official_full" / f"{name}.gz"
    (tmp_path / name).write_bytes(gzip.decompress(packed.read_bytes()))
    found = list(wider_face.read_records(tmp_path / name, tmp_path))
    assert (len(found), sum(len(record.boxes) for record in found)) == (images, faces)
    assert sum(int(record.ignored.sum()) for record in found) == invalid
