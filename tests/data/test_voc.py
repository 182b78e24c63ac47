import logging

import numpy as np
import pytest

from edgedet.data import voc
from edgedet.data.layouts import open_dataset
from edgedet.errors import AnnotationError, DataError

OBJECT = "<object><name>{}</name><difficult>{}</difficult><bndbox>{}</bndbox></object>"


def an_object(name="dog", corners=(1, 1, 10, 20), difficult=0):
    sides = zip(voc.CORNERS, corners, strict=True)
    return OBJECT.format(name, difficult, "".join(f"<{k}>{v}</{k}>" for k, v in sides))


@pytest.fixture
def write(tmp_path):
    """Write images `{name: objects}` of one split."""
    year = tmp_path / "VOCdevkit" / "VOC2012"
    for folder in ("ImageSets/Main", "Annotations", "JPEGImages"):
        (year / folder).mkdir(parents=True)

    def write(split="train", size=(50, 40), **images):
        (year / "ImageSets" / "Main" / f"{split}.txt").write_text("".join(f"{n}\n" for n in images))
        sides = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>" if size else ""
        for name, objects in images.items():
            head = f"<annotation><filename>{name}.jpg</filename>{sides}"
            (year / "Annotations" / f"{name}.xml").write_text(f"{head}{objects}</annotation>")
            (year / "JPEGImages" / f"{name}.jpg").touch()
        return tmp_path

    return write


def test_boxes_by_hand(write):
    # Pixels count from 1 and the last one is inside: 1..10 are ten pixels, from 0 to 10.
    dataset = voc.read(write(a=an_object(corners=(1, 1, 10, 20))), "train")
    np.testing.assert_array_equal(dataset[0].boxes, [[0, 0, 10, 20]])
    assert dataset[0].boxes.dtype == np.float32
    assert dataset.class_names[dataset[0].labels[0]] == "dog"
    assert dataset[0].image.name == "a.jpg" and dataset[0].image.is_file()


def test_boxes_end_with_their_image_and_empty_ones_are_dropped(write, caplog):
    objects = an_object("cat", (40, 30, 60, 60)) + an_object(corners=(7, 9, 6, 20))
    with caplog.at_level(logging.INFO):
        record = voc.read(write(a=objects), "train")[0]
    np.testing.assert_array_equal(record.boxes, [[39, 29, 50, 40]])
    assert len(record.labels) == len(record.ignored) == 1
    assert "dropped 1 boxes" in caplog.text


@pytest.mark.parametrize("size", [None, (0, 0)], ids=["no size", "a size of 0"])
def test_an_image_may_not_say_its_size(write, size):
    record = voc.read(write(a=an_object(corners=(40, 30, 60, 60)), size=size), "train")[0]
    np.testing.assert_array_equal(record.boxes, [[39, 29, 60, 60]])


def test_difficult_objects_are_ignored(write):
    record = voc.read(write(a=an_object() + an_object(difficult=1)), "train")[0]
    np.testing.assert_array_equal(record.ignored, [False, True])


def test_images_without_objects_are_kept(write):
    dataset = voc.read(write(a="", b=an_object()), "train")
    assert [len(record.labels) for record in dataset.records] == [0, 1]
    assert dataset[0].boxes.shape == (0, 4)


def test_lists_of_one_class_are_no_splits(write):
    write("val", b=an_object())
    root = write("cat_train", a=an_object("cat"))
    assert voc.splits(root) == ("val",)
    with pytest.raises(DataError, match=r"Main: expected split 'train' once, found val\.\n"):
        voc.read(root, "train")


def test_other_classes_are_those_of_all_splits(write):
    write("val", b=an_object("zebra"))
    dataset = voc.read(write("train", a=an_object("dog")), "train")
    # The same labels in every split, though this one has no zebra.
    assert dataset.class_names == ("dog", "zebra")
    assert dataset.category_ids == (1, 2)


@pytest.mark.parametrize(
    "objects",
    [
        an_object(""),
        an_object(corners=("1", "x", "2", "3")),
        an_object(corners=("1", "nan", "2", "3")),
        "<object><name>dog</name></object>",
    ],
)
def test_a_damaged_object_is_named(write, objects):
    root = write(a=an_object() + objects)
    with pytest.raises(AnnotationError, match=r"a\.xml: object 2: expected a name and a bndbox"):
        voc.read(root, "train")


@pytest.mark.parametrize("damage", ["<annotation>", None], ids=["cut off", "missing"])
def test_a_damaged_file_is_named(write, damage):
    root = write(a=an_object())
    path = root / "VOCdevkit" / "VOC2012" / "Annotations" / "a.xml"
    path.write_text(damage) if damage else path.unlink()
    with pytest.raises(AnnotationError, match=r"a\.xml: expected the XML of an annotated image"):
        voc.read(root, "train")


def test_the_layout_is_recognized_and_meets_coco_by_name(write):
    root = write(a=an_object("tvmonitor") + an_object("dog"))
    dataset = open_dataset(root, "train", classes=["tv"])
    assert dataset.class_names == ("tv",)
    assert dataset[0].labels.tolist() == [0]


def test_real_files(real_data):
    train, val = (open_dataset(real_data / "voc", split) for split in ("train", "val"))
    assert (len(train), len(val)) == (60, 20)
    assert train.class_names == voc.CLASS_NAMES
    # 2007_000033: three airplanes, the first 9..499, 107..263 in VOC's pixels.
    record = next(r for r in train.records if r.image.stem == "2007_000033")
    np.testing.assert_array_equal(record.boxes[0], [8, 106, 499, 263])
    assert record.labels.tolist() == [0, 0, 0]
    assert all(record.image.is_file() for record in [*train.records, *val.records])
