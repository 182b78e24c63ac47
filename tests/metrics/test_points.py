from types import SimpleNamespace

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.metrics import point_metrics


def around(*centres, half=1.0):
    return np.array([[x - half, y - half, x + half, y + half] for x, y in centres]).reshape(-1, 4)


def found(*centres):
    count = len(centres)
    return Detections(around(*centres), np.full(count, 0.9), np.zeros(count, int))


def there(*centres, ignored=None):
    return SimpleNamespace(
        boxes=around(*centres, half=2.0), labels=np.zeros(len(centres), int), ignored=ignored
    )


def test_distance_of_centres():
    # Three pixels away is near, four is not: it leaves a miss and a false alarm.
    metrics = point_metrics([found((13, 10), (54, 50))], [there((10, 10), (50, 50))], pixels=3)
    assert metrics == {"pd": 0.5, "false_alarms": 1.0}
    metrics = point_metrics([found((13, 10), (54, 50))], [there((10, 10), (50, 50))], pixels=4)
    assert metrics == {"pd": 1.0, "false_alarms": 0.0}


def test_false_alarms_are_per_image():
    metrics = point_metrics([found((5, 5)), found(), found((9, 9))], [there()] * 3)
    assert metrics == {"pd": None, "false_alarms": pytest.approx(2 / 3)}


def test_images_and_classes_do_not_mix():
    detections = [found((10, 10)), found((50, 50))]
    assert point_metrics(detections, [there((50, 50)), there((10, 10))])["pd"] == 0.0
    other = SimpleNamespace(boxes=around((10, 10)), labels=np.array([1]))
    assert point_metrics([found((10, 10))], [other]) == {"pd": 0.0, "false_alarms": 1.0}


def test_ignored_targets_neither_count_nor_punish():
    truth = there((10, 10), (50, 50), ignored=np.array([True, False]))
    assert point_metrics([found((50, 50))], [truth]) == {"pd": 1.0, "false_alarms": 0.0}
    assert point_metrics([found((10, 10))], [truth]) == {"pd": 0.0, "false_alarms": 0.0}


def test_a_detection_anywhere_in_an_ignored_region_is_excused():
    region = SimpleNamespace(
        boxes=np.array([[0, 0, 100, 100]]), labels=np.array([0]), ignored=np.array([True])
    )
    assert point_metrics([found((90, 90))], [region]) == {"pd": None, "false_alarms": 0.0}
    assert point_metrics([found((110, 90))], [region]) == {"pd": None, "false_alarms": 1.0}
