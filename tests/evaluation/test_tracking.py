import dataclasses
import json
import logging

import numpy as np
import pytest
from PIL import Image

from edgedet.data import mot
from edgedet.detections import Detections
from edgedet.errors import DataError
from edgedet.evaluation import evaluate_tracking
from edgedet.evaluation.inversion import inverted
from edgedet.manifest import Level, Manifest
from edgedet.runtime import EdgeDetector
from edgedet.runtime.detector import STEPS

FRAMES = 12


@pytest.fixture
def data(tmp_path):
    """Two sequences: a white square that walks on black, as a person and as a face."""
    for name, step in (("walk", 4), ("face_walk", 6)):
        folder = tmp_path / name
        (folder / "img1").mkdir(parents=True)
        (folder / "gt").mkdir()
        lines = []
        for number in range(1, FRAMES + 1):
            image, left = np.zeros((60, 120, 3), "uint8"), 10 + step * (number - 1)
            image[20:40, left : left + 20] = 255
            Image.fromarray(image).save(folder / "img1" / f"{number:06d}.png")
            lines.append(f"{number},5,{left + 1},21,20,20,1,-1,-1,-1")
        (folder / "gt" / "gt.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def square(image):
    """Find the white square, and be unsure of a second one beside it that is not there."""
    rows, columns = np.nonzero(image.max(axis=-1) > 128)
    if not len(rows) or len(rows) > 1000:
        return Detections.empty()
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    boxes = np.array([box, [0, 45, 15, 60]], "float32")
    return Detections(boxes, np.array([0.9, 0.31], "float32"), np.array([0, 0], "int32"))


@pytest.fixture
def detector(monkeypatch):
    """Return a detector with these classes that finds the square, without a network."""

    def make(*class_names, find=square):
        times = dict.fromkeys(STEPS, 0.0)
        monkeypatch.setattr(EdgeDetector, "timed", lambda detect, image: (find(image), {**times}))
        return EdgeDetector(None, Manifest("any", (64, 64), class_names, (Level("p5", 32),)))

    return make


def test_numbers_by_hand(data, detector):
    metrics = evaluate_tracking(detector("person", "face"), mot.read_sequences(data, ["walk"]))
    # The square is found in every frame, and the doubtful one never becomes sure.
    assert metrics["ap50"] == pytest.approx(1)
    assert (metrics["mota"], metrics["idf1"], metrics["idsw"]) == (1.0, 1.0, 0)
    assert (metrics["compute"], metrics["images"], metrics["skipped"]) == (1.0, FRAMES, 0)
    (name,) = metrics.pop("sequences")
    assert name == "walk"


def test_each_sequence_and_all_together(data, detector):
    def half(image):
        # Faces walk faster: their last frames are past the middle.
        found = square(image)
        return found[found.boxes[:, 0] < 55]

    metrics = evaluate_tracking(detector("person", find=half), mot.read_sequences(data, ["walk"]))
    # Positions 10, 14 ... 54: every frame.
    assert metrics["mota"] == 1.0
    sequences = mot.read_sequences(data)
    face_too = evaluate_tracking(detector("face", find=half), sequences)
    # Positions 10, 16 ... 52 are 8 of 12; two more are coasted, the last two missed.
    assert face_too["sequences"]["face_walk"]["mota"] == pytest.approx(10 / 12)
    assert list(face_too["sequences"]) == ["face_walk"]
    json.dumps(face_too)


def test_tracks_of_classes_that_a_sequence_does_not_label_do_not_count(data, detector):
    def two(image):
        found = square(image)
        return Detections(found.boxes, np.array([0.9, 0.9], "float32"), np.array([1, 0]))

    metrics = evaluate_tracking(
        detector("dog", "person", find=two), mot.read_sequences(data, ["walk"])
    )
    assert (metrics["mota"], metrics["ap50"]) == (1.0, pytest.approx(1))


def test_sequences_that_the_model_cannot_know_are_left_out(data, detector, caplog):
    with caplog.at_level(logging.WARNING, "edgedet"):
        metrics = evaluate_tracking(detector("person"), mot.read_sequences(data))
    assert list(metrics["sequences"]) == ["walk"]
    assert "face_walk is left out: it shows face" in caplog.text
    with pytest.raises(DataError, match="The model knows cat; the data labels"):
        evaluate_tracking(detector("cat"), mot.read_sequences(data))
    with pytest.raises(DataError, match="found none for cta"):
        evaluate_tracking(detector("person"), mot.read_sequences(data), chosen=["cta"])


def test_each_sequence_begins_with_a_new_tracker(data, detector):
    twice = mot.read_sequences(data, ["walk", "walk"])
    second = dataclasses.replace(
        twice[1], records=[dataclasses.replace(r, dataset="again") for r in twice[1]]
    )
    metrics = evaluate_tracking(detector("person"), [twice[0], second])
    # A tracker that went on would have coasted from the end of the first into the second.
    assert metrics["sequences"]["again"] == metrics["sequences"]["walk"]


def test_frames_are_transformed_first(data, detector):
    metrics = evaluate_tracking(
        detector("person"), mot.read_sequences(data, ["walk"]), transform=inverted
    )
    assert metrics["mota"] == 0.0
