import dataclasses
import json
import logging

import numpy as np
import pytest
from PIL import Image

from edgedet.data.record import Dataset, Record
from edgedet.detections import Detections
from edgedet.errors import DataError
from edgedet.evaluation import measure
from edgedet.evaluation.inversion import inverted

CAT, DOG = [10, 10, 30, 30], [40, 10, 60, 30]


def boxes_of(*boxes):
    return np.array(boxes, "float32").reshape(-1, 4)


@pytest.fixture
def dataset(tmp_path):
    """Two images of grey 10 and 20, each with a cat and a dog; the data says dog first."""
    records = []
    for number, grey in enumerate([10, 20]):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (80, 60), (grey, grey, grey)).save(path)
        labels = np.array([1, 0], "int32")
        ignored = np.zeros(2, bool)
        records.append(Record(path, boxes_of(CAT, DOG), labels, ignored, number, f"set{number}"))
    return Dataset(records, ("dog", "cat"), (7, 9), "two.json")


def detector(image):
    """Find the cat (label 0) everywhere, the dog (label 1) in the darker image, and a bird."""
    found = boxes_of(CAT, DOG, DOG) if image[0, 0, 0] == 10 else boxes_of(CAT, DOG)
    labels = [0, 1, 2] if image[0, 0, 0] == 10 else [0, 2]
    return Detections(found, np.full(len(found), 0.9, "float32"), np.array(labels, "int32"))


NAMES = ("cat", "dog", "bird")


def test_classes_meet_by_name(dataset):
    metrics = measure(detector, NAMES, dataset).metrics
    half = 51 / 101
    expected = {"cat": pytest.approx(1), "dog": pytest.approx(half), "bird": None}
    assert metrics["per_class"] == expected
    assert metrics["ap50"] == pytest.approx((1 + half) / 2)
    assert (metrics["images"], metrics["skipped"]) == (2, 0)
    json.dumps(metrics)


def test_each_set_of_a_combined_view(dataset):
    per_set = measure(detector, NAMES, dataset).metrics["per_set"]
    assert list(per_set) == ["set0", "set1"]
    assert per_set["set0"]["ap50"] == pytest.approx(1)
    assert per_set["set1"]["per_class"] == {"cat": pytest.approx(1), "dog": 0.0, "bird": None}
    single = dataclasses.replace(
        dataset, records=[dataclasses.replace(r, dataset="") for r in dataset.records]
    )
    assert "per_set" not in measure(detector, NAMES, single).metrics


def test_chosen_classes_only(dataset):
    evaluation = measure(detector, NAMES, dataset, chosen=["dog"])
    assert list(evaluation.metrics["per_class"]) == ["dog"]
    assert evaluation.results.class_names == ("dog",)
    assert [len(found) for found in evaluation.results.detections] == [1, 0]
    assert [record.labels.tolist() for record in evaluation.results.records] == [[0], [0]]


def test_the_detector_sees_the_inverted_image(dataset):
    seen = []

    def look(image):
        seen.append(int(image[0, 0, 0]))
        return Detections.empty()

    measure(look, NAMES, dataset, transform=inverted)
    assert seen == [245, 235]


def test_an_unreadable_image_is_reported_counted_and_skipped(dataset, tmp_path, caplog):
    (tmp_path / "0.png").write_bytes(b"broken")
    with caplog.at_level(logging.WARNING):
        metrics = measure(detector, NAMES, dataset).metrics
    assert (metrics["images"], metrics["skipped"]) == (1, 1)
    assert "0.png" in caplog.text and "skipped 1 of 2 images" in caplog.text
    assert metrics["per_class"]["dog"] == 0.0  # The other image's dog, which is missed.


def test_no_readable_image(dataset, tmp_path):
    for path in tmp_path.glob("*.png"):
        path.unlink()
    with pytest.raises(DataError, match="(?s)two.json.*2 entries and no readable image"):
        measure(detector, NAMES, dataset)


def test_progress_sees_every_record(dataset):
    seen = []

    def progress(records):
        for record in records:
            seen.append(record.image_id)
            yield record

    measure(detector, NAMES, dataset, progress=progress)
    assert seen == [0, 1]


def test_reported_leaves_out_the_doubtful(dataset):
    def doubtful(image):
        return Detections(boxes_of(CAT, DOG), np.array([0.9, 0.2]), np.array([0, 1]))

    results = measure(doubtful, NAMES, dataset).results
    assert [len(found) for found in results.detections] == [2, 2]
    assert [found.labels.tolist() for found in results.reported(0.3)] == [[0], [0]]
