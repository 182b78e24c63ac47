import types

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.metrics.reliability import reliability

HERE, ELSEWHERE = [0, 0, 10, 10], [50, 50, 60, 60]


def seen(score, right, label=0):
    """Return one image with one detection and one object."""
    box = np.array([HERE if right else ELSEWHERE], "float32")
    found = Detections(box, np.array([score], "float32"), np.array([label], "int32"))
    return found, types.SimpleNamespace(boxes=[HERE], labels=[0])


def images(shares):
    """Return 100 images for each score, so many of which are right."""
    return [seen(score, n < right) for score, right in shares.items() for n in range(100)]


def logit(p):
    return np.log(p / (1 - p))


def test_a_line_through_two_scores_by_hand():
    # Of those with .4 ten in a hundred are right, of those with .6 ninety.
    numbers = reliability(*zip(*images({0.4: 10, 0.6: 90}), strict=True))
    assert numbers["slope"] == pytest.approx(logit(0.9) / logit(0.6), rel=1e-3)
    assert numbers["neutral"] == pytest.approx(0.5, abs=1e-4)


def test_scores_that_are_right_as_often_as_they_say_stay():
    numbers = reliability(*zip(*images({0.2: 20, 0.5: 50, 0.7: 70}), strict=True))
    assert numbers["slope"] == pytest.approx(1, abs=1e-3)
    assert numbers["neutral"] == pytest.approx(0.5, abs=1e-3)


def test_another_label_is_wrong_and_an_ignored_object_is_neither():
    pairs = images({0.4: 10, 0.6: 90})
    before = reliability(*zip(*pairs, strict=True))
    found, _ = seen(0.6, True)
    ignored = types.SimpleNamespace(boxes=[HERE], labels=[0], ignored=[True])
    assert reliability(*zip(*pairs, (found, ignored), strict=True)) == pytest.approx(before)
    other = reliability(*zip(*pairs, *[seen(0.6, True, label=1)] * 50, strict=True))
    assert other["neutral"] > before["neutral"] + 0.02


@pytest.mark.parametrize("right", [0, 100])
def test_of_one_kind_nothing_can_be_learned(right):
    with pytest.raises(ValueError, match="right ones and wrong ones"):
        reliability(*zip(*images({0.4: right}), strict=True))
