import numpy as np

from edgedet.data.sequences.sightings import Sightings
from edgedet.detections import Detections
from edgedet.models.memory_loss import HORIZONS
from edgedet.runtime import Tracker
from edgedet.runtime.tracking.kalman import MotionNoise
from edgedet.runtime.tracking.memory import NoMemory
from edgedet.training.track_clips import KEPT, followed, track_clips

LENGTH = 30


def straight(speed=2.0, count=1):
    """Return boxes that move right by `speed` in each frame, far from each other."""
    start = np.array([10.0, 20, 50, 100])
    way = speed * np.arange(LENGTH)[:, None, None] * [1, 0, 1, 0]
    return start + way + 300 * np.arange(count)[None, :, None]


def exactly(boxes, seen=True):
    shape = boxes.shape[:2]
    seen = np.broadcast_to(seen, shape).copy()
    return Sightings(boxes, np.full(shape, 2.0), np.full(shape, 1.0), seen)


def test_filters_learn_a_steady_motion_and_predict_it():
    boxes = straight()
    clip = followed(boxes, exactly(boxes), MotionNoise(), has_std=False)
    assert clip["error"].shape == (1, LENGTH, len(HORIZONS), 4)
    settled = clip["error"][0, 20:]
    np.testing.assert_allclose(settled[clip["known"][0, 20:]], 0, atol=0.03)
    # The future of the last frames is not known.
    assert clip["known"][0, -1].tolist() == [True] + [False] * (len(HORIZONS) - 1)


def test_at_first_a_filter_is_off_by_the_way_that_it_knows_nothing_of():
    # Ten frames later, 20 pixels, in sizes of the box.
    boxes = straight()
    clip = followed(boxes, exactly(boxes), MotionNoise(), has_std=False)
    off = clip["error"][0, 0, HORIZONS.index(10)]
    np.testing.assert_allclose(off, [20 / np.sqrt(40 * 80), 0, 0, 0], atol=1e-6)


def test_nothing_is_judged_where_nobody_was_seen_or_is():
    boxes = straight(count=2)
    boxes[15:, 1] = 0
    seen = np.ones((LENGTH, 2), bool)
    seen[:5, 0] = seen[15:, 1] = seen[8, 0] = False
    clip = followed(boxes, exactly(boxes, seen), MotionNoise(), has_std=False)
    assert not clip["known"][0, :5].any() and clip["known"][0, 5].all()
    # Who is missed is remembered as before, so there is nothing new to judge.
    assert not clip["known"][0, 8].any() and clip["known"][0, 9].all()
    # Who leaves has a truth until then.
    assert clip["known"][1, 12].tolist() == [frames <= 2 for frames in HORIZONS]
    assert not clip["known"][1, 15:].any()


def test_it_learns_from_what_the_tracker_will_tell(monkeypatch):
    """The same detections give the same surprises here and in the tracker."""
    random = np.random.default_rng(0)
    boxes = straight() + random.normal(0, 1, (LENGTH, 1, 4))
    seen = exactly(boxes, (random.uniform(size=LENGTH) < 0.7)[:, None])
    clip = followed(straight(), seen, MotionNoise(), has_std=True)
    told = []

    def noted(self, before, surprise, looks):
        told.extend(surprise)
        return self.nothing(len(looks))

    monkeypatch.setattr(NoMemory, "update", noted)
    track = Tracker()
    scores = np.float32([1 / (1 + np.exp(-2.0))])
    for box, there in zip(boxes, seen.seen[:, 0], strict=True):
        found = Detections(np.float32(box), scores, np.zeros(1, "int32"), np.ones((1, 4), "f4"))
        track(found[np.array([there])])
    np.testing.assert_allclose(told, clip["surprise"][0][seen.seen[:, 0]], atol=1e-3)


def test_films_become_tracks_with_what_they_look_like(clutter):
    image = np.float32(clutter(0, (60, 90))) / 255
    film = {
        "images": np.tile(image, (8, 1, 1, 1)),
        "boxes": np.tile(np.float32([10, 10, 40, 50]), (8, 2, 1)),
        "labels": np.zeros((8, 2), "int32"),
        "visible": np.ones((8, 2), "float32"),
        "reset": np.arange(8) == 0,
    }
    cut = {**film, "reset": np.arange(8) % 4 == 0}
    batch = {name: np.stack([film[name], cut[name]]) for name in film}
    clips = track_clips([batch], side=4, has_std=False, seed=0)
    # Of the sequence with a cut nothing is learned.
    assert clips["seen"].shape == (1, KEPT, 8)
    assert clips["seen"][0, :2].any() and not clips["seen"][0, 2:].any()
    assert clips["patch"].shape == (1, KEPT, 8, 4 * 4 * 3)
    assert np.isfinite(np.log(clips["variance"])).all()
