import json

import numpy as np
import pytest

from edgedet.data.layouts import open_dataset
from edgedet.detections import Detections
from edgedet.evaluation import measure
from edgedet.metrics import coco_summary


def detector_of(dataset):
    """Return a detector that shakes the annotated boxes, misses some, and dreams up others."""
    random = np.random.default_rng(0)
    records = iter(dataset.records)

    def detect(image):
        record = next(records)
        seen = random.random(len(record.boxes)) < 0.7
        boxes = record.boxes[seen] + random.normal(0, 3, (seen.sum(), 4))
        dreams = np.sort(random.uniform(0, 200, (5, 2, 2)), axis=1).reshape(5, 4)
        labels = np.append(record.labels[seen], random.integers(0, len(dataset.class_names), 5))
        boxes = np.concatenate([boxes, dreams]).astype("float32")
        return Detections(boxes, random.random(len(boxes)).astype("float32"), labels.astype(int))

    return detect


def test_coco_numbers_are_those_of_the_official_file(real_data):
    dataset = open_dataset(real_data / "coco", "val")
    evaluation = measure(detector_of(dataset), dataset.class_names, dataset)
    results = [
        {
            "image_id": record.image_id,
            "category_id": dataset.category_ids[label],
            "bbox": [*box[:2].tolist(), *(box[2:] - box[:2]).tolist()],
            "score": float(score),
        }
        for record, found in zip(dataset.records, evaluation.results.detections, strict=True)
        for box, score, label in zip(found.boxes, found.scores, found.labels, strict=True)
    ]
    official = coco_summary(real_data / "coco" / "annotations" / "instances_val2017.json", results)
    for name in ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar100"):
        assert evaluation.metrics[name] == pytest.approx(official[name], abs=1e-4), name
    assert evaluation.metrics["images"] == 150


def test_combined_thermal_view_reports_each_set(real_data):
    dataset = open_dataset(real_data / "thermal", "val")
    metrics = measure(detector_of(dataset), dataset.class_names, dataset).metrics
    assert sorted(metrics["per_set"]) == ["cheetah", "dogs_people", "hit_uav", "ltd_person"]
    # What a set does not label is unknown there.
    assert metrics["per_set"]["ltd_person"]["per_class"]["vehicle"] is None
    assert metrics["per_set"]["ltd_person"]["ap50"] > 0.1
    json.dumps(metrics)
