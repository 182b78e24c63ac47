import json
import logging

import numpy as np
import pytest

from edgedet.data import coco
from edgedet.errors import AnnotationError


def annotation(image_id, category_id, bbox, **more):
    return {"id": 1, "image_id": image_id, "category_id": category_id, "bbox": bbox, **more}


@pytest.fixture
def content():
    """Two categories, of which the ids have gaps, and three images, one without objects."""
    return {
        "images": [
            {"id": 7, "file_name": "b.jpg", "width": 100, "height": 50},
            {"id": 3, "file_name": "sub/a.jpg", "dataset": "park"},
            {"id": 5, "file_name": "c.jpg", "width": 100, "height": 50},
        ],
        "categories": [{"id": 90, "name": "toothbrush"}, {"id": 4, "name": "boat"}],
        "annotations": [
            annotation(7, 90, [10, 20, 30, 40], area=600.0, segmentation=[[1, 2, 3, 4]]),
            annotation(3, 4, [1, 2, 3, 4], iscrowd=1),
            annotation(7, 4, [-5, -5, 10, 10]),
        ],
    }


@pytest.fixture
def read(tmp_path):
    """Write a JSON into a folder and read it from there."""

    def write_and_read(content, name="instances_val2017.json"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return coco.read(path, tmp_path)

    return write_and_read


def test_labels_follow_ascending_ids(read, content):
    dataset = read(content)
    assert dataset.class_names == ("boat", "toothbrush")
    assert dataset.category_ids == (4, 90)
    np.testing.assert_array_equal(dataset[0].labels, [1, 0])


def test_records_keep_the_order_of_the_images(read, content):
    dataset = read(content)
    assert [record.image_id for record in dataset] == [7, 3, 5]
    assert [len(record.boxes) for record in dataset] == [2, 1, 0]
    assert [record.dataset for record in dataset] == ["", "park", ""]


def test_boxes_are_corners_inside_their_image(read, content):
    # The first reaches to y = 60 of 50, the second begins outside; image 3 has no known size.
    dataset = read(content)
    np.testing.assert_array_equal(dataset[0].boxes, [[10, 20, 40, 50], [0, 0, 5, 5]])
    np.testing.assert_array_equal(dataset[1].boxes, [[1, 2, 4, 6]])
    assert dataset[0].boxes.dtype == np.float32
    assert dataset[2].boxes.shape == (0, 4)


def test_areas_are_the_annotations_own(read, content):
    # The box is 30 x 40; its outline covers half of it. Without `area` the box's own counts.
    np.testing.assert_array_equal(read(content)[0].areas, [600, 100])


def test_crowds_are_ignored(read, content):
    dataset = read(content)
    np.testing.assert_array_equal(dataset[1].ignored, [True])
    np.testing.assert_array_equal(dataset[0].ignored, [False, False])


@pytest.mark.parametrize(
    "bbox", [[1, 1, 0, 5], [1, 1, 5, 0], [1, 1, -3, 5], [200, 10, 5, 5], [10, -9, 5, 9]]
)
def test_boxes_without_size_are_dropped_and_counted(read, content, bbox, caplog):
    content["annotations"].append(annotation(7, 4, bbox))
    with caplog.at_level(logging.INFO):
        assert len(read(content)[0].boxes) == 2
    assert "dropped 1 boxes" in caplog.text


def test_keys_of_hit_uav(read, content):
    content["annotation"] = content.pop("annotations")
    for entry in content["images"]:
        entry["filename"] = entry.pop("file_name")
    dataset = read(content)
    assert [record.image.name for record in dataset] == ["b.jpg", "a.jpg", "c.jpg"]
    assert sum(len(record.boxes) for record in dataset) == 3


def test_byte_order_mark_and_other_alphabets(read, content):
    content["categories"][0]["name"] = "Zahnbürste"
    assert read("\ufeff" + json.dumps(content, ensure_ascii=False)).class_names[1] == "Zahnbürste"


def test_no_annotations_at_all(read, content):
    content["annotations"] = []
    assert [len(record.boxes) for record in read(content)] == [0, 0, 0]


def test_images_are_found_in_the_folder_of_the_split(read, content, tmp_path):
    for place in ("val2017/b.jpg", "train2017/b.jpg", "sub/a.jpg", "c.jpg", "train2017/c.jpg"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).touch()
    dataset = read(content)
    expected = ["val2017/b.jpg", "sub/a.jpg", "c.jpg"]
    assert [record.image for record in dataset] == [tmp_path / place for place in expected]


def test_another_split_is_searched_where_the_own_has_no_folder(read, content, tmp_path):
    (tmp_path / "train2014").mkdir()
    (tmp_path / "train2014" / "b.jpg").touch()
    assert read(content)[0].image == tmp_path / "train2014" / "b.jpg"


def test_missing_images_are_logged(read, content, caplog):
    with caplog.at_level(logging.WARNING):
        dataset = read(content)
    assert len(dataset) == 3
    assert "image 7: there is no image b.jpg" in caplog.text
    assert "3 of 3 images are not in" in caplog.text


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (annotation(99, 4, [1, 2, 3, 4]), "`image_id` that `images` lists, not 99"),
        (annotation(7, 1, [1, 2, 3, 4]), "`category_id` that `categories` lists, not 1"),
        (annotation(7, 4, [1, 2, 3]), "`bbox` of four numbers"),
        (annotation(7, 4, [1, 2, 3, "4"]), "`bbox` of four numbers"),
        (annotation(7, 4, ["1", "2", "3", "4"]), "`bbox` of four numbers"),
        (annotation(7, 4, [1, 2, 3, float("nan")]), "`bbox` of four numbers"),
        (annotation(7, 4, [float("inf"), 2, 3, 4]), "`bbox` of four numbers"),
        (annotation(7, 4, None), "`bbox` of four numbers"),
        (annotation(7, 4, [1, 2, 3, 4], area="large"), "`area` as a number"),
        (annotation([7], 4, [1, 2, 3, 4]), "`image_id`"),
        ({"id": 1}, "`bbox` of four numbers"),
        ("a string", "an object"),
    ],
)
def test_bad_annotations_are_named(read, content, bad, reason):
    content["annotations"].append(bad)
    with pytest.raises(AnnotationError) as raised:
        read(content)
    assert "instances_val2017.json: annotations[3]: expected" in str(raised.value)
    assert reason in str(raised.value)
    assert "Repair the entry" in str(raised.value)


@pytest.mark.parametrize(
    ("key", "entry"),
    [
        ("images", {"id": 7, "file_name": "again.jpg"}),
        ("images", {"id": 8}),
        ("images", {"id": "8", "file_name": "d.jpg"}),
        ("images", {"id": 8, "file_name": "d.jpg", "width": "wide", "height": 4}),
        ("images", {"id": 8, "file_name": "d.jpg", "width": 4, "height": [4]}),
        ("categories", {"id": 4, "name": "again"}),
        ("categories", {"id": 8}),
    ],
)
def test_bad_entries_are_named(read, content, key, entry):
    content[key].append(entry)
    place = len(content[key]) - 1
    with pytest.raises(AnnotationError, match=rf"{key}\[{place}\]: expected"):
        read(content)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"images": [], "annotations": [', "no JSON or breaks off"),
        ("", "no JSON or breaks off"),
        ("[" * 100_000, "cannot be read"),
        ("[1, 2]", "found a list"),
        ('{"images": [], "type": 3}', "found the keys 'images', 'type'"),
        ('{"images": 1, "categories": [], "annotations": []}', "the lists"),
    ],
)
def test_what_is_no_coco_is_refused(read, text, reason):
    with pytest.raises(
        AnnotationError, match="instances_val2017.json.*expected COCO JSON"
    ) as raised:
        read(text)
    assert reason in str(raised.value)


def test_broken_line_is_named(read):
    with pytest.raises(AnnotationError, match=r"instances_val2017.json:3: .*column 5"):
        read('{\n "images":\n    nothing\n}')


def test_missing_file_and_binary_file(tmp_path):
    with pytest.raises(AnnotationError, match="there is no such file"):
        coco.read(tmp_path / "none.json", tmp_path)
    (tmp_path / "image.json").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(AnnotationError, match="cannot be read as text"):
        coco.read(tmp_path / "image.json", tmp_path)


def test_the_eighty_classes_are_those_of_the_official_file(real_data):
    found = coco.read(
        real_data / "coco" / "annotations" / "instances_val2017.json", real_data / "coco"
    )
    assert found.class_names == coco.CLASS_NAMES
