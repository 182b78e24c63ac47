import numpy as np
import pytest

from edgedet.data.sets.class_names import canonical, new_labels


@pytest.mark.parametrize(
    ("name", "expected"),
    [("aeroplane", "airplane"), ("TVmonitor", "tv"), (" Person ", "person"), ("tv", "tv")],
)
def test_spellings_that_are_one_class(name, expected):
    assert canonical(name) == expected


def test_new_labels_by_hand():
    labels = new_labels(["sofa", "Person", "cat", "couch"], ["person", "dog", "couch"])
    np.testing.assert_array_equal(labels, [2, 0, -1, 2])
    assert labels.dtype == np.int32
    assert new_labels([], ["cat"]).shape == (0,)
