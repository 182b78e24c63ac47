import json

import numpy as np
import pytest

from edgedet.data.layouts import open_dataset
from edgedet.errors import DataError


def write_coco(path, file_name="a.jpg", images=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [{"id": number, "file_name": file_name} for number in range(images)]
    categories = [{"id": 1, "name": "person"}, {"id": 2, "name": "tv"}]
    box = {"id": 1, "image_id": 0, "category_id": 2, "bbox": [1, 2, 3, 4]}
    annotations = [box] * bool(images)
    content = {"images": entries, "categories": categories, "annotations": annotations}
    path.write_text(json.dumps(content))


@pytest.fixture
def coco_folder(tmp_path):
    for name in ("train2017", "val2017"):
        write_coco(tmp_path / "annotations" / f"instances_{name}.json")
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").touch()
    return tmp_path


@pytest.fixture
def wider_folder(tmp_path):
    text = tmp_path / "wider_face_split" / "wider_face_val_bbx_gt.txt"
    text.parent.mkdir()
    text.write_text("a.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n")
    (tmp_path / "WIDER_val" / "images").mkdir(parents=True)
    (tmp_path / "WIDER_val" / "images" / "a.jpg").touch()
    return tmp_path


@pytest.mark.parametrize("split", ["train", "val", "val2017"])
def test_coco_folder(coco_folder, split):
    dataset = open_dataset(coco_folder, split)
    assert dataset[0].image == coco_folder / f"{split.removesuffix('2017')}2017" / "a.jpg"
    assert dataset.class_names == ("person", "tv")


def test_wider_face_folder(wider_folder):
    dataset = open_dataset(wider_folder, "val")
    assert dataset.class_names == ("face",)
    assert dataset[0].image.is_file()


@pytest.mark.parametrize("place", ["annotations/a.jpg", "a.jpg", "val/a.jpg"])
def test_one_json_finds_its_images(tmp_path, place):
    write_coco(tmp_path / "annotations" / "some_val.json")
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()
    dataset = open_dataset(tmp_path / "annotations" / "some_val.json", "val")
    assert dataset[0].image == tmp_path / place


def test_one_json_named_from_its_own_folder(coco_folder, monkeypatch):
    monkeypatch.chdir(coco_folder / "annotations")
    assert open_dataset("instances_val2017.json", "val")[0].image.is_file()


def test_classes_are_chosen(coco_folder):
    dataset = open_dataset(coco_folder, "val", classes=("tvmonitor",))
    assert dataset.class_names == ("tv",)
    np.testing.assert_array_equal(dataset[0].labels, [0])


def test_two_years_ask_for_the_full_name(coco_folder):
    write_coco(coco_folder / "annotations" / "instances_val2014.json")
    with pytest.raises(DataError, match="found val2014, val2017.\nChoose one"):
        open_dataset(coco_folder, "val")
    assert len(open_dataset(coco_folder, "val2017")) == 1


def test_a_longer_word_is_another_split(coco_folder):
    write_coco(coco_folder / "annotations" / "instances_valminusmini.json")
    assert open_dataset(coco_folder, "val").source.endswith("instances_val2017.json")


@pytest.mark.parametrize(("folder", "names"), [("coco", "train2017, val2017"), ("wider", "val")])
def test_unknown_split_names_those_that_are_there(request, folder, names):
    root = request.getfixturevalue(f"{folder}_folder")
    with pytest.raises(DataError, match=f"split 'test'.*found {names}\\."):
        open_dataset(root, "test")


def test_unknown_folder_says_what_was_looked_for(tmp_path):
    with pytest.raises(DataError) as raised:
        open_dataset(tmp_path, "val")
    for sign in ("annotations/instances_{train,val}*.json", "wider_face_split/wider_face_"):
        assert sign in str(raised.value)
    with pytest.raises(DataError, match="there is no such data folder"):
        open_dataset(tmp_path / "none", "val")


def test_an_empty_data_set_is_refused(coco_folder, wider_folder):
    write_coco(coco_folder / "annotations" / "instances_val2017.json", images=0)
    with pytest.raises(DataError, match="at least one image, found none"):
        open_dataset(coco_folder / "annotations" / "instances_val2017.json", "val")
    (wider_folder / "wider_face_split" / "wider_face_val_bbx_gt.txt").write_text("\n")
    with pytest.raises(DataError, match="at least one image, found none"):
        open_dataset(wider_folder, "val")


def test_annotations_without_any_image_file_are_refused(coco_folder):
    (coco_folder / "val2017" / "a.jpg").unlink()
    with pytest.raises(DataError, match="found none of 1, not even .*val2017.a.jpg"):
        open_dataset(coco_folder, "val")


# (folder, split, images, boxes, crowds, images without objects) as counted from the files.
REAL = [
    ("coco", "train", 2895, 27096, 824, 3),
    ("coco", "val", 150, 1362, 16, 0),
    ("faces", "val", 230, 2288, 79, 2),
    ("thermal", "train", 1268, 7758, 0, 80),
    ("thermal", "val", 176, 838, 0, 28),
    ("thermal/sirst", "val", 42, 46, 0, 0),
    ("thermal/hit_uav/annotations/instances_val.json", "val", 70, 627, 0, 2),
]


@pytest.mark.parametrize(("folder", "split", "images", "boxes", "ignored", "empty"), REAL)
def test_real_data(real_data, folder, split, images, boxes, ignored, empty):
    dataset = open_dataset(real_data / folder, split)
    counts = [len(record.boxes) for record in dataset]
    assert (len(dataset), sum(counts), counts.count(0)) == (images, boxes, empty)
    assert sum(int(record.ignored.sum()) for record in dataset) == ignored
    assert all(record.image.is_file() for record in dataset)


def test_real_classes(real_data):
    dataset = open_dataset(real_data / "coco", "val")
    assert len(dataset.class_names) == 80
    assert (dataset.category_ids[0], dataset.category_ids[-1]) == (1, 90)
    assert (dataset.class_names[79], dataset.category_ids[11]) == ("toothbrush", 13)
    first = json.loads((real_data / "coco/annotations/instances_val2017.json").read_text())
    (record,) = [r for r in dataset if r.image_id == first["annotations"][0]["image_id"]]
    # The first annotation of the file: 236.98 + 24.7 = 261.68, 142.51 + 69.5 = 212.01.
    np.testing.assert_allclose(record.boxes[0], [236.98, 142.51, 261.68, 212.01], rtol=1e-6)


def test_real_combined_view_names_its_sets(real_data):
    dataset = open_dataset(real_data / "thermal", "val")
    assert dataset.class_names == ("person", "vehicle", "bicycle", "animal")
    counts = {name: 0 for name in ("hit_uav", "ltd_person", "dogs_people", "cheetah")}
    for record in dataset:
        counts[record.dataset] += 1
        assert record.dataset in record.image.parts
    assert all(counts.values())
    assert open_dataset(real_data / "thermal/hit_uav", "val").category_ids == (0, 1, 2, 3, 4)
