"""A data set seen object by object."""

import numpy as np

from edgedet.data.record import Dataset, Record
from edgedet.data.sets.single_objects import one_by_one


def test_each_object_has_a_record_of_its_own():
    boxes = np.array([[0, 0, 9, 30], [5, 5, 15, 25], [0, 0, 19, 3], [1, 1, 40, 40]], "float32")
    labels, ignored = np.array([2, 0, 1, 1], "int32"), np.array([False, False, False, True])
    full = Record("a.png", boxes, labels, ignored, scores=np.array([0.9, 0.8, 0.7, 0.6]))
    empty = Record("b.png", boxes[:0], labels[:0], ignored[:0])
    dataset = Dataset([full, empty], ("x", "y", "z"), (1, 2, 3), "made up")

    single = one_by_one(dataset, 20)

    # The third is 19 wide, the last no object.
    assert [record.labels.tolist() for record in single.records] == [[2], [0]]
    assert [record.boxes.tolist() for record in single.records] == [
        [[0, 0, 9, 30]],
        [[5, 5, 15, 25]],
    ]
    assert [record.scores.tolist() for record in single.records] == [[0.9], [0.8]]
    assert {record.image for record in single.records} == {"a.png"}
    assert single.class_names == dataset.class_names
