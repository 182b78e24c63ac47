from pathlib import Path

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record


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
