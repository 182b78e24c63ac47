import dataclasses
from pathlib import Path

import numpy as np

from edgedet.detections import Detections, Tracks
from edgedet.runtime.facts import frame_facts, text_of
from edgedet.runtime.sources.stills import Still

FRAME = Still(Path("walk/img1/000007.jpg"), 7)
MILLISECONDS = {"preprocess": 1.0, "inference": 2.0, "postprocess": 3.0, "total": 6.00049}
FOUND = Detections(
    np.array([[1.234, 2, 3, 4]], "float32"), np.array([0.87654]), np.array([1], "int32")
)
TRACKS = Tracks(
    FOUND.boxes,
    FOUND.scores,
    FOUND.labels,
    np.array([[1, 1, 2, 2.345]]),
    track_ids=np.array([12]),
    states=np.array(["coasting"]),
)


def test_a_detection():
    facts = frame_facts(FRAME, (48, 64), FOUND, MILLISECONDS, ("cat", "dog"))
    assert facts == {
        "source": str(FRAME.path),
        "frame": 7,
        "width": 64,
        "height": 48,
        "detections": [{"box": [1.23, 2, 3, 4], "score": 0.8765, "label": 1, "name": "dog"}],
        "ms": {"preprocess": 1, "inference": 2, "postprocess": 3, "total": 6.0},
        "compute": 1.0,
    }


def test_a_track_has_its_number_and_state():
    (one,) = frame_facts(FRAME, (48, 64), TRACKS, MILLISECONDS, ("cat", "dog"))["detections"]
    assert list(one) == ["box", "score", "label", "name", "box_std", "track_id", "state"]
    assert (one["track_id"], one["state"], one["box_std"]) == (12, "coasting", [1, 1, 2, 2.35])


def test_lines_for_people():
    facts = frame_facts(FRAME, (48, 64), TRACKS, MILLISECONDS, ("cat", "dog"))
    head, line = text_of(FRAME, facts).splitlines()
    assert head == f"{FRAME.path}: 1 found in 6.0 ms"
    assert line.split() == ["0.88", "dog", "1.2", "2.0", "3.0", "4.0", "12", "coasting"]


def test_what_was_computed():
    facts = frame_facts(FRAME, (48, 64), FOUND, MILLISECONDS, ("cat", "dog"), 0.0311234)
    assert facts["compute"] == 0.03112
    assert text_of(FRAME, facts).splitlines()[0].endswith("1 found in 6.0 ms, 3.1% computed")


def test_a_detection_says_its_domain():
    found = dataclasses.replace(FOUND, domains=np.array([3], "int32"))
    (one,) = frame_facts(FRAME, (48, 64), found, MILLISECONDS, ("cat", "dog"))["detections"]
    assert one["domain"] == "vehicle"
    assert found[[0]].domains == [3]
