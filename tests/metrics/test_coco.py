import json
from types import SimpleNamespace

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.metrics import coco_metrics, coco_summary

# What pycocotools' own demo prints for these files.
PUBLISHED = [0.505, 0.697, 0.573, 0.586, 0.519, 0.501, 0.387, 0.594, 0.595, 0.640, 0.566, 0.564]


def test_published_numbers(real_data, capsys):
    folder = real_data / "coco" / "reference_eval"
    summary = coco_summary(
        folder / "instances_val2014_100.json",
        folder / "instances_val2014_fakebbox100_results.json",
    )
    assert [round(value, 3) for value in summary.values()] == PUBLISHED
    assert capsys.readouterr().out == ""


def truth(boxes, labels, **optional):
    return SimpleNamespace(boxes=np.array(boxes, float), labels=np.array(labels), **optional)


def detections(boxes, scores, labels):
    return Detections(np.array(boxes, "float32"), np.array(scores), np.array(labels))


def test_numbers_worked_by_hand():
    # A small, a medium and a large object; the small one is missed, the others are exact.
    small, medium, large = [0, 0, 20, 20], [0, 0, 50, 50], [0, 0, 200, 200]
    metrics = coco_metrics(
        [detections([medium], [0.9], [0]), detections([large], [0.8], [1])],
        [truth([small, medium], [0, 0]), truth([large], [1])],
        num_classes=3,
        class_names=("cat", "dog", "bird"),
    )
    half = 51 / 101  # One of two, at recalls 0, .01 ... .50.
    assert metrics["per_class"] == {
        "cat": pytest.approx(half),
        "dog": pytest.approx(1),
        "bird": None,
    }
    assert metrics["ap"] == metrics["ap50"] == pytest.approx((half + 1) / 2)
    by_size = [metrics[name] for name in ("ap_small", "ap_medium", "ap_large")]
    assert by_size == pytest.approx([0, 1, 1])
    assert metrics["ar100"] == pytest.approx((0.5 + 1) / 2)
    assert metrics["images"] == 2
    json.dumps(metrics)


def test_annotated_areas_decide_the_size():
    # A box of 100 x 100 around a thin outline of 500 square pixels is a small object.
    box = [0, 0, 100, 100]
    metrics = coco_metrics(
        [detections([box], [0.9], [0])], [truth([box], [0], areas=np.array([500.0]))], 1
    )
    assert metrics["ap_small"] == pytest.approx(1)
    assert metrics["ap_large"] is None


def test_nothing_to_measure_is_none():
    empty = truth(np.zeros((0, 4)), [])
    metrics = coco_metrics([Detections.empty()], [empty], 1)
    assert metrics["ap"] is None
    assert metrics["per_class"] == {"0": None}
    # An object that nobody found can be measured: 0.
    metrics = coco_metrics([Detections.empty()], [truth([[0, 0, 9, 9]], [0])], 1)
    assert metrics["ap"] == 0.0


def test_ignored_objects_are_crowds():
    crowd = truth([[0, 0, 100, 100], [200, 0, 210, 10]], [0, 0], ignored=np.array([True, False]))
    found = detections([[10, 10, 20, 20], [200, 0, 210, 10]], [0.9, 0.8], [0, 0])
    assert coco_metrics([found], [crowd], 1)["ap50"] == pytest.approx(1)
