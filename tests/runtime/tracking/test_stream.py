import time
from pathlib import Path

import numpy as np
import pytest

from edgedet.runtime import EdgeDetector, Tracker
from edgedet.runtime.tracking import TrackedStream


@pytest.fixture
def detect(tiny):
    return EdgeDetector.load(tiny)


def white_cell(x, y=8, level=255):
    """Return a 32 x 32 frame in which the tiny network sees a box around (x + 2, y + 2)."""
    frame = np.zeros((32, 32, 3), "uint8")
    frame[y : y + 4, x : x + 4] = level
    return frame


def test_frames_become_tracks_with_their_time(detect):
    stream = TrackedStream(detect)
    first, milliseconds = stream.timed(white_cell(16), 0)
    again, _ = stream.timed(white_cell(16), 1)
    assert first.track_ids.tolist() == again.track_ids.tolist() == [1]
    np.testing.assert_allclose(again.boxes, [[14, 6, 22, 14]], atol=0.1)
    assert list(milliseconds) == ["preprocess", "inference", "postprocess", "total"]
    parts = [milliseconds[stage] for stage in ("preprocess", "inference", "postprocess")]
    assert milliseconds["total"] == pytest.approx(sum(parts))


def test_following_takes_time_too(detect, monkeypatch):
    follow = Tracker.__call__

    def slowly(*arguments, **options):
        time.sleep(0.05)
        return follow(*arguments, **options)

    monkeypatch.setattr(Tracker, "__call__", slowly)
    _, milliseconds = TrackedStream(detect).timed(white_cell(16), 0)
    assert milliseconds["postprocess"] > 50
    assert milliseconds["total"] > milliseconds["postprocess"]


def test_a_gap_in_the_numbers_is_time(detect):
    # Four pixels a frame; then four frames are dropped.
    boxes = {}
    for numbers in ((0, 1, 2), (0, 1, 6)):
        stream = TrackedStream(detect)
        for number, x in zip(numbers, (4, 8, 8), strict=True):
            tracks, _ = stream.timed(white_cell(x), number)
        boxes[numbers] = tracks.boxes[0]
    # Where more time has passed, the prediction is further on, and so is less of it believed.
    assert not np.allclose(boxes[0, 1, 2], boxes[0, 1, 6])


def test_weak_detections_reach_the_tracker_and_nobody_else(detect):
    # The tiny network gives them .98 and .24.
    strong, weak = white_cell(16), white_cell(16, level=200)
    careful = EdgeDetector(detect.engine, detect.manifest, min_score=0.5)
    assert len(careful(weak)) == 0
    stream = TrackedStream(careful)
    assert len(stream.timed(weak, 0)[0]) == 0
    stream.timed(strong, 1)
    assert stream.timed(weak, 2)[0].states.tolist() == ["matched"]


def test_streams_share_a_detector_and_nothing_else(detect):
    first, second = TrackedStream(detect), TrackedStream(detect)
    first.timed(white_cell(16), 0)
    assert second.timed(white_cell(4), 0)[0].track_ids.tolist() == [1]
    assert first.timed(white_cell(4), 1)[0].track_ids.tolist() != [1]


STAGED = Path(__file__).parent.parent.parent / "fixtures" / "staged-int8.tflite"


@pytest.fixture
def staged():
    """A detector whose file has stages, so that a stream computes where something happens."""
    return EdgeDetector.load(STAGED)


def test_only_what_changes_is_computed_unless_all_is_asked_for(staged, clutter):
    frame = clutter(0, (96, 128))
    sparse, dense = TrackedStream(staged), TrackedStream(staged, dense=True)
    for number in range(3):
        sparse.timed(frame, number)
        dense.timed(frame, number)
    assert sparse.activity.compute < dense.activity.compute
    assert dense.activity.cells is None
    assert dense.activity.compute > 1, "the tracker's multiplications count too"
    assert not sparse.activity.cells.any()


def test_a_file_without_stages_is_computed_in_full(detect):
    stream = TrackedStream(detect)
    stream.timed(white_cell(16), 0)
    stream.timed(white_cell(16), 1)
    assert stream.activity.compute == 1


def test_where_nothing_moves_nobody_is_followed_in_the_end(staged, clutter, monkeypatch):
    frame, stream = clutter(0, (96, 128)), TrackedStream(staged)
    for number in range(12):
        settled, _ = stream.timed(frame, number)
    sure = settled[settled.states == "matched"].track_ids
    assert len(sure)

    def refuse(*_, **__):
        raise AssertionError("expected nobody to be followed")

    with monkeypatch.context() as patched:
        patched.setattr(Tracker, "__call__", refuse)
        for number in range(12, 20):
            tracks, _ = stream.timed(frame, number)
            np.testing.assert_array_equal(tracks.boxes, settled.boxes)
    # They are still there as soon as something moves.
    moved = frame.copy()
    moved[40:60, 60:80] = 255
    tracks, _ = stream.timed(moved, 20)
    assert len(set(tracks.track_ids) & set(sure)) > len(sure) // 2
