import dataclasses
from pathlib import Path

import numpy as np
import pytest

from edgedet.data.layouts import open_dataset
from edgedet.data.record import Dataset, Record
from edgedet.data.sets.combine import combine
from edgedet.data.sets.known import with_known, with_shown
from edgedet.errors import DataError


@pytest.fixture
def view():
    nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    records = [Record(Path(name), *nothing, dataset=name) for name in ("city", "zoo", "all")]
    return Dataset(records, ("person", "car", "animal"), (1, 2, 3), "view.json")


def test_each_set_knows_what_it_labels(view):
    labelled = with_known(view, {"city": ["Person", "car"], "zoo": ["animal"]})
    np.testing.assert_array_equal(labelled[0].known, [True, True, False])
    np.testing.assert_array_equal(labelled[1].known, [False, False, True])
    assert labelled[2].known is None
    assert view[0].known is None


def test_it_holds_where_sets_are_combined(view):
    labelled = with_known(view, {"city": ["person", "car"]})
    chosen = combine([labelled], ["animal", "person"])
    np.testing.assert_array_equal(chosen[0].known, [False, True])
    assert chosen[2].known is None


def test_sets_that_are_not_named_stay_as_they_are(view):
    labelled = with_known(with_known(view, {"city": ["car"]}), {"zoo": ["animal"]})
    np.testing.assert_array_equal(labelled[0].known, [False, True, False])


@pytest.mark.parametrize(
    ("labelled", "message"),
    [
        ({"town": ["car"]}, "a set named 'town', found 'all', 'city', 'zoo'"),
        ({"zoo": ["animals"]}, "Did you mean animal"),
    ],
)
def test_wrong_names_are_refused(view, labelled, message):
    with pytest.raises(DataError, match="view.json: expected") as raised:
        with_known(view, labelled)
    assert message in str(raised.value)


def test_thermal_sets(real_data):
    sets = {
        "hit_uav": ["person", "vehicle", "bicycle"],
        "ltd_person": ["person"],
        "dogs_people": ["person", "animal"],
        "cheetah": ["person", "animal"],
    }
    dataset = with_known(open_dataset(real_data / "thermal", "train"), sets)
    for record in dataset.records:
        assert record.known.sum() == len(sets[record.dataset])
        # What a set is said to lack has no boxes there.
        assert record.known[record.labels].all()


def test_a_set_labels_what_it_shows(view):
    one = np.array([[2, 2, 9, 9]], "float32"), np.zeros(1, bool)
    records = [
        dataclasses.replace(record, boxes=one[0], labels=np.array([label], "int32"), ignored=one[1])
        for record, label in zip(view.records, (1, 2, 0), strict=True)
    ]
    shown = with_shown(dataclasses.replace(view, records=records))
    np.testing.assert_array_equal([record.known for record in shown.records], np.eye(3)[[1, 2, 0]])


def test_a_set_without_a_box_is_asked_nothing(view):
    assert not any(record.known.any() for record in with_shown(view).records)


def test_what_is_no_combined_view_labels_all_classes(view):
    alone = dataclasses.replace(view, records=view.records[:1])
    assert with_shown(alone) is alone
