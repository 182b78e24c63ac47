import dataclasses
from pathlib import Path

import numpy as np
import pytest

from edgedet.data.record import PER_OBJECT, Dataset, Record


def record(name):
    return Record(Path(name), np.zeros((0, 4)), np.zeros(0), np.zeros(0, bool))


def test_a_data_set_is_a_sequence_of_records():
    records = [record("a.jpg"), record("b.jpg")]
    dataset = Dataset(records, ("face",), (1,))
    assert len(dataset) == 2
    assert dataset[1] is records[1]
    assert list(dataset) == records
    with pytest.raises(IndexError):
        dataset[2]


def test_records_with_arrays_can_be_compared_and_kept_in_sets():
    first, second = record("a.jpg"), record("a.jpg")
    assert first == first
    assert first != second
    assert len({first, second}) == 2


@pytest.fixture
def full():
    """Return a record with every field, four objects of the classes 0, 1, 2, 1."""
    return Record(
        Path("a.jpg"),
        np.arange(16, dtype="float32").reshape(4, 4),
        np.array([0, 1, 2, 1], "int32"),
        np.array([False, True, False, False]),
        areas=np.array([1, 2, 3, 4], "float32"),
        scores=np.array([0.1, 0.2, 0.3, 0.4], "float32"),
        track_ids=np.array([7, 8, 9, 7], "int32"),
    )


def test_chosen_objects_keep_all_that_is_said_of_them(full):
    columns = [f.name for f in dataclasses.fields(Record) if "ndarray" in str(f.type)]
    assert set(columns) == {*PER_OBJECT, "known"}
    for chosen in (np.array([True, False, False, True]), [0, 3]):
        some = full[chosen]
        for name in PER_OBJECT:
            np.testing.assert_array_equal(getattr(some, name), getattr(full, name)[[0, 3]])
        assert some.image == full.image


def test_what_is_not_said_stays_so(full):
    drawn = dataclasses.replace(full, scores=None, areas=None)[[1]]
    assert drawn.scores is None
    assert drawn.areas is None


def test_relabelled_by_hand(full):
    new = full.relabelled(np.array([-1, 1, 0], "int32"), 3)
    np.testing.assert_array_equal(new.labels, [1, 0, 1])
    assert new.labels.dtype == np.int32
    np.testing.assert_array_equal(new.boxes, full.boxes[1:])
    np.testing.assert_array_equal(new.scores, full.scores[1:])
    # The third of the new classes is none of the old ones.
    np.testing.assert_array_equal(new.known, [True, True, False])


def test_what_was_not_known_before_is_not_known_after(full):
    partly = dataclasses.replace(full, known=np.array([True, False, True]))
    np.testing.assert_array_equal(partly.relabelled(np.array([2, 1, 0]), 3).known, [1, 0, 1])
    # Two spellings become one class: it is known where one of them is.
    assert partly.relabelled(np.array([0, 0, 1]), 2).known is None
    assert full.relabelled(np.array([2, 1, 0]), 3).known is None
