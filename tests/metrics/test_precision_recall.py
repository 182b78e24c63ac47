from types import SimpleNamespace

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.metrics import average_precision, coco_metrics, mean_average_precision

FACE = [0, 0, 10, 10]
OTHER = [100, 100, 110, 110]
NOWHERE = [50, 50, 60, 60]
CROWD = [200, 200, 300, 300]


def found(boxes, scores, labels=None):
    labels = [0] * len(boxes) if labels is None else labels
    return Detections(
        np.array(boxes, "float32").reshape(-1, 4),
        np.array(scores, "float32"),
        np.array(labels, "int32"),
    )


def there(boxes, labels=None, **optional):
    labels = [0] * len(boxes) if labels is None else labels
    return SimpleNamespace(
        boxes=np.array(boxes, "float32").reshape(-1, 4), labels=np.array(labels), **optional
    )


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (11, 6 / 11),  # Recalls 0, .1 ... .5 are reached, all with precision 1.
        (101, 51 / 101),  # 0, .01 ... .50.
        (None, 0.5),  # A rectangle of recall .5 and precision 1.
    ],
)
def test_one_of_two_found(points, expected):
    ap = average_precision([found([FACE], [0.9])], [there([FACE, OTHER])], points=points)
    assert ap == pytest.approx(expected)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        # Right, wrong, right: precision 1 up to recall 1/2, then 2/3.
        (11, (6 * 1 + 5 * 2 / 3) / 11),
        (None, 0.5 * 1 + 0.5 * 2 / 3),
    ],
)
def test_a_false_alarm_between_two_hits(points, expected):
    detections = [found([OTHER, FACE, NOWHERE], [0.2, 0.9, 0.5])]  # Not sorted by score.
    ap = average_precision(detections, [there([FACE, OTHER])], points=points)
    assert ap == pytest.approx(expected)


def test_recall_of_three_tenths_reaches_three_tenths():
    boxes = [[20 * i, 0, 20 * i + 10, 10] for i in range(10)]
    ap = average_precision([found(boxes[:3], [0.9, 0.8, 0.7])], [there(boxes)], points=11)
    assert ap == pytest.approx(4 / 11)  # 0, .1, .2 and .3, though 3 * .1 > .3 in floats.


def test_an_object_is_found_once():
    twice = found([FACE, FACE], [0.9, 0.8])
    # The second comes after full recall, so it cannot lower the curve ...
    assert average_precision([twice], [there([FACE])], points=None) == 1.0
    # ... but before the last object is found it is a false alarm.
    detections = found([FACE, FACE, OTHER], [0.9, 0.8, 0.7])
    ap = average_precision([detections], [there([FACE, OTHER])], points=None)
    assert ap == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_a_detection_takes_the_object_it_overlaps_most():
    shifted = [4, 0, 14, 10]
    # The better detection overlaps both enough, .54 and .82; the other only the first.
    detections = found([[3, 0, 13, 10], FACE], [0.9, 0.8])
    assert average_precision([detections], [there([FACE, shifted])], points=None) == 1.0


def test_images_never_mix():
    # Each box is right in the other image only.
    detections = [found([OTHER], [0.9]), found([FACE], [0.8])]
    assert average_precision(detections, [there([FACE]), there([OTHER])]) == 0.0
    assert mean_average_precision(detections, [there([FACE]), there([OTHER])], 1) == 0.0


def test_an_overlap_at_the_threshold_is_enough():
    half = [found([[0, 0, 10, 5]], [0.9])]
    assert average_precision(half, [there([FACE])], iou_threshold=0.5) == 1.0
    assert average_precision(half, [there([FACE])], iou_threshold=0.51) == 0.0


def test_ignored_objects_neither_count_nor_punish():
    truth = there([FACE, CROWD], ignored=[False, True])
    # Two detections inside the crowd: each covers a hundredth of it, and is excused.
    inside = [[210, 210, 220, 220], [230, 230, 240, 240]]
    detections = [found([*inside, FACE], [0.9, 0.8, 0.7])]
    assert average_precision(detections, [truth], points=None) == 1.0
    # Without them nothing is missing either.
    assert average_precision([found([FACE], [0.7])], [truth], points=None) == 1.0
    # Outside the crowd it is a false alarm.
    detections = [found([NOWHERE, FACE], [0.9, 0.7])]
    assert average_precision(detections, [truth], points=None) == 0.5


def test_classes_without_objects_are_left_out():
    detections = [found([FACE, OTHER, NOWHERE], [0.9, 0.8, 0.7], [0, 1, 2])]
    truth = [there([FACE, OTHER], [0, 0])]
    # Class 0 finds one of two, class 1 and 2 have no objects.
    assert mean_average_precision(detections, truth, 3, points=None) == 0.5
    # Labels are ignored here, so both are found, before the false alarm.
    assert average_precision(detections, truth, points=None) == 1.0


def test_nothing_at_all():
    assert average_precision([], []) == 0.0
    assert average_precision([Detections.empty()], [there([])]) == 0.0
    assert average_precision([found([FACE], [0.9])], [there([])]) == 0.0
    assert average_precision([Detections.empty()], [there([FACE])]) == 0.0
    assert mean_average_precision([Detections.empty()], [there([])], 2) == 0.0


def random_boxes(random, count):
    corners = random.uniform(0, 100, (count, 2))
    return np.hstack([corners, corners + random.uniform(10, 60, (count, 2))])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ignored_share", [0.0, 0.3])
def test_agrees_with_pycocotools(seed, ignored_share):
    random = np.random.default_rng(seed)
    detections, truths = [], []
    for _ in range(30):
        count, extra = random.integers(0, 9, 2)
        boxes, labels = random_boxes(random, count), random.integers(0, 3, count)
        truths.append(there(boxes, labels, ignored=random.random(count) < ignored_share))
        near = boxes + random.uniform(-2.5, 2.5, boxes.shape)
        detections.append(
            found(
                np.concatenate([near, random_boxes(random, extra)]),
                random.random(count + extra),
                np.append(labels, random.integers(0, 3, extra)),
            )
        )
    expected = coco_metrics(detections, truths, 4)
    for threshold, name in [(0.5, "ap50"), (0.75, "ap75")]:
        ap = mean_average_precision(detections, truths, 4, threshold, points=101)
        assert ap == pytest.approx(expected[name], abs=1e-12)
