import numpy as np

from edgedet.runtime.tracking.recollection import Recollection


def numbered(*numbers):
    column = np.array(numbers, "float32")[:, None]
    return Recollection(column, 10 * column, np.array(numbers, int))


def test_the_seen_are_renewed_and_the_others_stay():
    before = numbered(1, 2, 3)
    after = before.renewed(np.array([2, 0]), numbered(7, 8))
    assert after.state.ravel().tolist() == [8, 2, 7]
    assert after.appearance.ravel().tolist() == [80, 20, 70]
    assert after.unseen.tolist() == [8, 2, 7]
    assert before.state.ravel().tolist() == [1, 2, 3], "what was is not changed"


def test_time_passes_for_everybody():
    assert numbered(0, 4).later(3).unseen.tolist() == [3, 7]


def test_rows_are_chosen_and_joined():
    joined = numbered(1, 2).joined(numbered(3))[np.array([2, 0])]
    assert joined.unseen.tolist() == [3, 1]
    assert Recollection.nothing(2, 5, 3).joined(Recollection.nothing(1, 5, 3)).state.shape == (3, 5)
