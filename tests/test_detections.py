import numpy as np
import pytest

from edgedet.detections import Detections, Tracks


@pytest.fixture
def three():
    boxes = np.arange(12, dtype="float32").reshape(3, 4)
    scores, labels = np.array([0.9, 0.5, 0.1], "float32"), np.array([0, 1, 0], "int32")
    return Detections(boxes, scores, labels, box_std=boxes / 10)


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        (np.array([True, False, True]), [0, 2]),
        (slice(1, None), [1, 2]),
        (np.array([2, 0]), [2, 0]),
        (np.zeros(3, bool), []),
    ],
)
def test_choosing_keeps_the_fields_together(three, chosen, rows):
    found = three[chosen]
    assert len(found) == len(rows)
    for name in ("boxes", "scores", "labels", "box_std"):
        np.testing.assert_array_equal(getattr(found, name), getattr(three, name)[rows])


def test_filtering_reads_like_a_sentence(three):
    np.testing.assert_array_equal(three[three.scores > 0.4].labels, [0, 1])


def test_box_std_may_be_missing():
    found = Detections(np.zeros((2, 4)), np.zeros(2), np.zeros(2))
    assert found[:1].box_std is None


def test_empty():
    none = Detections.empty()
    assert len(none) == 0
    assert (none.boxes.shape, none.boxes.dtype) == ((0, 4), np.float32)
    assert (none.scores.dtype, none.labels.dtype) == (np.float32, np.int32)
    assert len(none[none.scores > 0.5]) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("boxes", np.zeros((2, 5))),
        ("scores", np.zeros(3)),
        ("scores", np.zeros((2, 1))),
        ("labels", np.zeros(1)),
        ("box_std", np.zeros(2)),
    ],
)
def test_fields_that_do_not_fit_are_refused(field, value):
    fields = {"boxes": np.zeros((2, 4)), "scores": np.zeros(2), "labels": np.zeros(2)}
    with pytest.raises(ValueError, match=rf"Detections\.{field}: expected shape"):
        Detections(**{**fields, field: value})


@pytest.fixture
def two_tracks(three):
    some = three[:2]
    return Tracks(
        some.boxes,
        some.scores,
        some.labels,
        some.box_std,
        track_ids=np.array([7, 3], "int32"),
        states=np.array(["matched", "coasting"]),
    )


def test_tracks_are_detections_that_know_who_they_are(two_tracks):
    assert isinstance(two_tracks, Detections)
    found = two_tracks[two_tracks.states != "coasting"]
    assert isinstance(found, Tracks)
    assert (found.track_ids.tolist(), found.states.tolist()) == ([7], ["matched"])
    np.testing.assert_array_equal(found.boxes, two_tracks.boxes[:1])
    np.testing.assert_array_equal(found.box_std, two_tracks.box_std[:1])


def test_no_tracks():
    none = Tracks.empty()
    assert len(none) == len(none[none.states == "matched"]) == 0
    assert none.track_ids.dtype == np.int32


@pytest.mark.parametrize("field", ["track_ids", "states", "scores"])
def test_tracks_that_do_not_fit_are_refused(two_tracks, field):
    fields = {name: getattr(two_tracks, name) for name in ("boxes", "scores", "labels")}
    fields |= {"track_ids": two_tracks.track_ids, "states": two_tracks.states}
    with pytest.raises(ValueError, match=rf"Tracks\.{field}: expected shape"):
        Tracks(**{**fields, field: np.zeros(3)})
