from pathlib import Path

import numpy as np
import pytest

from edgedet.data.class_names import canonical
from edgedet.data.class_selection import select_classes
from edgedet.data.record import Dataset, Record
from edgedet.errors import DataError


@pytest.fixture
def dataset():
    boxes = np.arange(16, dtype="float32").reshape(4, 4)
    record = Record(
        Path("a.jpg"),
        boxes,
        np.array([0, 1, 2, 1], "int32"),
        np.array([False, True, False, False]),
        areas=np.array([1, 2, 3, 4], "float32"),
    )
    return Dataset([record], ("person", "motorbike", "Car"), (1, 4, 9), "made.json")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("aeroplane", "airplane"), ("TVmonitor", "tv"), (" Person ", "person"), ("tv", "tv")],
)
def test_spellings_that_are_one_class(name, expected):
    assert canonical(name) == expected


def test_chosen_classes_are_labelled_in_their_order(dataset):
    chosen = select_classes(dataset, ("car", "motorcycle"))
    assert chosen.class_names == ("car", "motorcycle")
    assert chosen.category_ids == (9, 4)
    np.testing.assert_array_equal(chosen[0].labels, [1, 0, 1])
    np.testing.assert_array_equal(chosen[0].boxes, dataset[0].boxes[1:])
    np.testing.assert_array_equal(chosen[0].ignored, [True, False, False])
    np.testing.assert_array_equal(chosen[0].areas, [2, 3, 4])


def test_images_without_chosen_objects_are_kept(dataset):
    lonely = Dataset([dataset[0]], ("person", "person ", "tv"), (1, 2, 3))
    assert len(select_classes(lonely, ("tv",))[0].boxes) == 1
    assert len(select_classes(dataset, ("person",))) == 1


def test_the_result_has_the_spelling_of_coco(dataset):
    assert select_classes(dataset, ("motorbike",)).class_names == ("motorcycle",)


def test_two_spellings_in_the_data_become_one(dataset):
    both = Dataset(dataset.records, ("sofa", "couch", "tv"), (1, 2, 3))
    np.testing.assert_array_equal(select_classes(both, ("couch",))[0].labels, [0, 0, 0])


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("persom",), "a class named 'persom', found none.\nDid you mean person?"),
        (("zebra",), "It has person, motorbike, Car."),
        (("person", "Person"), "found 'Person' a second time"),
    ],
)
def test_wrong_names_are_refused(dataset, classes, message):
    with pytest.raises(DataError, match="made.json: expected") as raised:
        select_classes(dataset, classes)
    assert message in str(raised.value)
