import dataclasses

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.runtime.tracking.association import Gate, associate, pair_costs
from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation
from edgedet.runtime.tracking.recollection import Recollection
from edgedet.runtime.tracking.table import TrackTable

NOISE = MotionNoise()
GATE = Gate(overlap=0.2, surprise=20.0, limit=2.0)


def observed(boxes):
    return Observation.of(np.array(boxes, "float64"), None, NOISE)


def tracks_at(*boxes, confirmed=True, labels=0):
    count = len(boxes)
    return TrackTable(
        ids=np.arange(1, count + 1),
        labels=np.broadcast_to(labels, count),
        log_odds=np.zeros(count),
        confirmed=np.broadcast_to(confirmed, count),
        frames_lost=np.zeros(count, int),
        motion=Motion.start(observed(boxes), NOISE),
        recalled=Recollection.nothing(count),
    )


def pairs(tracks, boxes, scores=0.9, alive=True, labels=0):
    count = len(boxes)
    found = Detections(
        np.array(boxes, "float32"),
        np.broadcast_to(np.array(scores, "float32"), count),
        np.broadcast_to(np.array(labels), count),
    )
    alive = np.broadcast_to(alive, len(tracks))
    costs, near = pair_costs(tracks.motion, observed(boxes), found.boxes, GATE)
    costs[~near] = np.inf
    matched, chosen = associate(tracks, alive, found, costs, 0.3, GATE)
    return dict(zip(matched.tolist(), chosen.tolist(), strict=True))


def box(x, y=0, width=40, height=80):
    return [x, y, x + width, y + height]


def test_the_cost_by_hand():
    # Half of the width further: 20 * 80 of 60 * 80 are shared. Only the centre differs.
    motion, seen = Motion.start(observed([box(0)]), NOISE), observed([box(20)])
    variance = motion.variance[0, 0] + seen.variance[0, 0]
    expected = 1 - 1 / 3 + 20**2 / variance / GATE.surprise
    costs, _ = pair_costs(motion, seen, np.array([box(20)], float), GATE)
    np.testing.assert_allclose(costs, [[expected]])


def test_who_overlaps_too_little_cannot_be():
    # 10 of 70 and 20 of 60 pixels are shared.
    _, near = pair_costs(
        Motion.start(observed([box(0)]), NOISE),
        observed([box(30), box(20)]),
        np.array([box(30), box(20)], float),
        GATE,
    )
    assert near.tolist() == [[False, True]]


def test_all_together_are_close_not_each_by_itself():
    # The first would rather have the second's detection, if it were alone.
    tracks = tracks_at(box(0), box(16))
    assert pairs(tracks, [box(10), box(24)]) == {0: 0, 1: 1}


def test_a_surprising_jump_is_another_object():
    # A sure filter: seen often and at rest.
    motion = Motion.start(observed([box(0)]), NOISE)
    for _ in range(50):
        motion = motion.predict(1, NOISE).update(observed([box(0)]))
    tracks = tracks_at(box(0))
    sure = dataclasses.replace(tracks, motion=motion)
    assert pairs(tracks, [box(20)]) == {0: 0}
    assert pairs(sure, [box(20)]) == {}


def test_weak_detections_are_for_believed_objects_only():
    boxes = [box(0)]
    assert pairs(tracks_at(box(0)), boxes, scores=0.1) == {0: 0}
    assert pairs(tracks_at(box(0)), boxes, scores=0.1, alive=False) == {}
    assert pairs(tracks_at(box(0), confirmed=False), boxes, scores=0.1) == {}
    assert pairs(tracks_at(box(0), confirmed=False), boxes, scores=0.4) == {0: 0}


def test_who_is_half_hidden_does_not_take_the_box_of_the_one_before():
    # Both would take the sure detection; the second has its own, weak one.
    tracks = tracks_at(box(0), box(14))
    assert pairs(tracks, [box(2), box(14)], scores=[0.9, 0.1]) == {0: 0, 1: 1}
    # Also where only the hidden one would be left for the sure one.
    assert pairs(tracks[np.array([1])], [box(2), box(14)], scores=[0.9, 0.1]) == {0: 1}


@pytest.mark.parametrize("first", [0, 1])
def test_the_believed_choose_first_then_the_tentative_then_the_lost(first):
    preferred = np.arange(2) == first
    # Of a believed and a tentative track in one place, the believed one has the detection.
    assert pairs(tracks_at(box(0), box(0), confirmed=preferred), [box(1)]) == {first: 0}
    # Of a tentative and a lost one, the tentative.
    tracks = tracks_at(box(0), box(0), confirmed=~preferred)
    assert pairs(tracks, [box(1)], alive=preferred) == {first: 0}


def test_labels_do_not_mix():
    tracks = tracks_at(box(0), box(0), labels=np.array([3, 5]))
    assert pairs(tracks, [box(0), box(0)], labels=np.array([5, 4])) == {1: 0}


@pytest.mark.parametrize(("tracks", "found"), [(0, 2), (2, 0), (0, 0)])
def test_nobody_on_one_side(tracks, found):
    boxes = np.zeros((found, 4)) + box(0)
    assert pairs(tracks_at(box(0), box(0))[:tracks], boxes) == {}
