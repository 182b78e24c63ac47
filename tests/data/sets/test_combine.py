import dataclasses
from pathlib import Path

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.data.sets.combine import combine
from edgedet.errors import DataError


@pytest.fixture
def traffic():
    boxes = np.arange(16, dtype="float32").reshape(4, 4)
    labels = np.array([0, 1, 2, 1], "int32")
    ignored = np.array([False, True, False, False])
    record = Record(Path("a.jpg"), boxes, labels, ignored)
    return Dataset([record], ("person", "motorbike", "Car"), (1, 4, 9), "traffic.json")


@pytest.fixture
def home():
    record = Record(
        Path("b.jpg"),
        np.ones((3, 4), "float32"),
        np.array([0, 1, 2], "int32"),
        np.zeros(3, bool),
    )
    return Dataset([record], ("sofa", "Person", "couch"), (0, 1, 2), "home.json")


def test_records_follow_one_another(greys):
    first, second = greys(2), dataclasses.replace(greys(3), source="more")
    both = combine([first, second])
    assert [record.image for record in both.records] == [
        record.image for record in [*first.records, *second.records]
    ]
    assert (both.class_names, both.category_ids) == (("face",), (1,))
    assert both.source == "drawn, more"


def test_one_data_set_keeps_its_classes(traffic):
    alone = combine([traffic])
    assert (alone.class_names, alone.category_ids) == (traffic.class_names, (1, 4, 9))
    np.testing.assert_array_equal(alone[0].labels, traffic[0].labels)
    assert alone[0].known is None


def test_different_classes_are_joined_and_what_a_set_lacks_is_not_known_there(traffic, home):
    both = combine([traffic, home])
    assert both.class_names == ("person", "motorbike", "Car", "sofa")
    # The number is of the first set that has the class.
    assert both.category_ids == (1, 4, 9, 0)
    np.testing.assert_array_equal(both[0].labels, [0, 1, 2, 1])
    np.testing.assert_array_equal(both[1].labels, [3, 0, 3])
    np.testing.assert_array_equal(both[0].known, [True, True, True, False])
    np.testing.assert_array_equal(both[1].known, [True, False, False, True])


def test_chosen_classes_are_labelled_in_their_order(traffic):
    chosen = combine([traffic], ("car", "motorcycle"))
    assert chosen.class_names == ("car", "motorcycle")
    assert chosen.category_ids == (9, 4)
    np.testing.assert_array_equal(chosen[0].labels, [1, 0, 1])
    np.testing.assert_array_equal(chosen[0].boxes, traffic[0].boxes[1:])
    np.testing.assert_array_equal(chosen[0].ignored, [True, False, False])
    assert chosen[0].known is None


def test_a_set_may_lack_a_chosen_class_that_another_has(traffic, home):
    both = combine([traffic, home], ("couch", "person"))
    assert (both.class_names, both.category_ids) == (("couch", "person"), (0, 1))
    np.testing.assert_array_equal(both[0].labels, [1])
    np.testing.assert_array_equal(both[0].known, [False, True])
    np.testing.assert_array_equal(both[1].labels, [0, 1, 0])
    assert both[1].known is None


def test_images_without_chosen_objects_are_kept(traffic, home):
    assert [len(record.boxes) for record in combine([traffic, home], ["car"]).records] == [1, 0]


def test_a_class_that_no_set_has_is_refused(traffic, home):
    with pytest.raises(DataError, match=r"traffic.json, home.json: .*'persom'.*\n.*n person\?"):
        combine([traffic, home], ("couch", "persom"))
