import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.geometry.boxes import pairwise_iou
from edgedet.runtime import Tracker


def seen(*boxes, scores=0.9, labels=0, box_std=None):
    """Return detections of these boxes."""
    count = len(boxes)
    return Detections(
        np.array(boxes, "float32").reshape(-1, 4),
        np.broadcast_to(np.array(scores, "float32"), count),
        np.broadcast_to(np.array(labels, "int32"), count),
        None if box_std is None else np.full((count, 4), box_std, "float32"),
    )


def box(x, y, width=40, height=90):
    return [x, y, x + width, y + height]


def ids(tracks):
    return sorted(tracks.track_ids.tolist())


NOTHING = seen()


def test_a_detection_becomes_a_track_with_its_score_and_box():
    tracks = Tracker()(seen(box(10, 20), scores=0.9))
    np.testing.assert_allclose(tracks.boxes, [box(10, 20)], atol=1e-4)
    np.testing.assert_allclose(tracks.scores, 0.9, atol=1e-6)
    assert (ids(tracks), tracks.states.tolist(), tracks.box_std) == ([1], ["matched"], None)
    assert (tracks.boxes.dtype, tracks.scores.dtype) == (np.float32, np.float32)
    assert (tracks.labels.dtype, tracks.track_ids.dtype) == (np.int32, np.int32)


def test_doubtful_objects_are_tentative_until_enough_was_seen():
    track = Tracker(min_score=0.3)
    states, scores = [], []
    for _ in range(8):
        tracks = track(seen(box(10, 20), scores=0.4))
        states += tracks.states.tolist()
        scores += tracks.scores.tolist()
    assert states[0] == "tentative"
    assert states[-1] == "matched"
    # Evidence adds up: each sighting makes it surer than the detector ever was.
    assert scores == sorted(scores)
    assert scores[0] == pytest.approx(0.4) and scores[-1] > 0.8


def test_weak_detections_continue_tracks_but_begin_none():
    track = Tracker(min_score=0.3)
    assert len(track(seen(box(10, 20), scores=0.2))) == 0
    track(seen(box(10, 20)))
    weak = track(seen(box(11, 20), box(200, 20), scores=0.2))
    assert (ids(weak), weak.states.tolist()) == ([1], ["matched"])


def test_what_is_just_worth_reporting_is_not_sure_for_a_second():
    # Clutter is as steady as an object is: that it stays says little.
    track = Tracker(min_score=0.3)
    for _ in range(30):
        tracks = track(seen(box(10, 20), scores=0.31))
    assert tracks.states.tolist() == ["tentative"]


def test_what_is_only_ever_faint_is_given_up():
    # A poster that once looked like a person must not stay one.
    track = Tracker(min_score=0.3)
    for _ in range(5):
        track(seen(box(10, 20), scores=0.6))
    lasting = [len(track(seen(box(10, 20), scores=0.06))) for _ in range(30)]
    assert lasting[0] == 1
    assert lasting[-1] == 0


def test_a_missed_object_coasts_and_loses_confidence():
    track = Tracker()
    for frame in range(10):
        sure = track(seen(box(10 + 4 * frame, 20)))
    missed = track(NOTHING)
    assert missed.states.tolist() == ["coasting"]
    np.testing.assert_allclose(missed.boxes[0], box(50, 20), atol=1)
    assert missed.scores[0] < sure.scores[0]
    later = [len(track(NOTHING)) for _ in range(10)]
    assert later[-1] == 0
    assert later == sorted(later, reverse=True)


@pytest.mark.parametrize("speed", [0, 3])
def test_who_is_hidden_for_ten_frames_keeps_the_number(speed):
    track = Tracker()
    for frame in range(20):
        track(seen(box(10 + speed * frame, 20), box(400, 20)))
    for _ in range(10):
        assert ids(track(seen(box(400, 20))))[-1] == 2
    found = track(seen(box(10 + speed * 30, 20), box(400, 20)))
    assert ids(found) == [1, 2]


def test_memory_counts_from_when_somebody_was_lost():
    track = Tracker(patience=20)
    for _ in range(3):
        for _ in range(50):
            track(seen(box(10, 20)))
        for _ in range(15):
            track(NOTHING)
    assert ids(track(seen(box(10, 20)))) == [1]


def test_a_number_is_forgotten_after_the_memory_and_never_given_again():
    track = Tracker(patience=20)
    for _ in range(5):
        track(seen(box(10, 20)))
    for _ in range(30):
        track(NOTHING)
    assert ids(track(seen(box(10, 20)))) == [2]


def test_thirty_frames_of_a_square_on_noise_keep_one_number():
    random, track, numbers = np.random.default_rng(0), Tracker(), set()
    for frame in range(30):
        square = box(20 + 5 * frame, 100, 30, 30) + random.normal(0, 1.5, 4)
        # False alarms all over, fainter than the square.
        noise = [box(*random.uniform(0, 300, 2), 30, 30) for _ in range(random.poisson(1))]
        scores = [random.uniform(0.5, 0.95), *random.uniform(0.05, 0.45, len(noise))]
        tracks = track(seen(square, *noise, scores=scores))
        overlaps = pairwise_iou(np.array([square]), tracks.boxes)[0]
        assert overlaps.max() > 0.6
        numbers.add(int(tracks.track_ids[overlaps.argmax()]))
    assert numbers == {1}


def test_one_face_gives_one_track():
    # A detector whose suppression lets doubles through now and then.
    random, track, numbers = np.random.default_rng(1), Tracker(), set()
    for _ in range(60):
        face = box(100, 100, 60, 70) + random.normal(0, 1.5, 4)
        double = face + [8, 10, 12, 10]
        doubled = random.random() < 0.5
        tracks = track(seen(face, double, scores=[0.8, 0.5]) if doubled else seen(face, scores=0.8))
        numbers.update(ids(tracks))
        assert len(tracks) == 1
    assert numbers == {1}


@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("speeds", [(6, -6), (8, -3), (9, 2)])
def test_two_who_cross_keep_their_numbers(speeds, merge):
    track = Tracker()
    start = [box(100 - 25 * speeds[0], 100), box(100 - 25 * speeds[1], 110)]
    first = None
    for frame in range(51):
        boxes = [
            np.add(b, [s * frame, 0, s * frame, 0]) for b, s in zip(start, speeds, strict=True)
        ]
        # Whom the other hides is not detected: their boxes overlap too much to tell them apart.
        hidden = merge and pairwise_iou(np.array([boxes[0]]), np.array([boxes[1]]))[0, 0] > 0.5
        tracks = track(seen(boxes[0]) if hidden else seen(*boxes))
        if first is None:
            first = tracks
    order = [int(pairwise_iou(np.array([b]), tracks.boxes)[0].argmax()) for b in boxes]
    assert tracks.track_ids[order].tolist() == [1, 2]
    assert len(tracks) == 2


def test_two_streams_do_not_mix():
    random = np.random.default_rng(2)
    streams = [
        [seen(*(box(*random.uniform(0, 300, 2)) for _ in range(4)), scores=0.8) for _ in range(20)]
        for _ in range(2)
    ]
    alone = [[track(found) for found in stream] for stream in streams for track in [Tracker()]]
    first, second = Tracker(), Tracker()
    interleaved = [(first(a), second(b)) for a, b in zip(*streams, strict=True)]
    for index in range(2):
        for expected, pair in zip(alone[index], interleaved, strict=True):
            np.testing.assert_array_equal(expected.boxes, pair[index].boxes)
            np.testing.assert_array_equal(expected.track_ids, pair[index].track_ids)
            np.testing.assert_array_equal(expected.states, pair[index].states)


def test_reset_begins_anew():
    track = Tracker()
    before = [track(seen(box(10 + frame, 20), box(200, 20))) for frame in range(3)]
    track.reset()
    after = [track(seen(box(10 + frame, 20), box(200, 20))) for frame in range(3)]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old.track_ids, new.track_ids)
        np.testing.assert_array_equal(old.boxes, new.boxes)


def test_classes_are_followed_apart():
    track = Tracker()
    track(seen(box(10, 20), box(12, 20), labels=[0, 1]))
    tracks = track(seen(box(12, 20), box(10, 20), labels=[0, 1]))
    assert dict(zip(tracks.labels.tolist(), tracks.track_ids.tolist(), strict=True)) == {0: 1, 1: 2}
    assert ids(track(seen(box(12, 20), labels=2)))[-1] == 3


def test_steadier_boxes_where_the_model_is_unsure():
    random = np.random.default_rng(3)
    shaken = [box(100, 100) + random.normal(0, 4, 4) for _ in range(40)]
    spread = {}
    for std in (0.5, 4.0):
        track = Tracker()
        boxes = [track(seen(one, box_std=std)).boxes[0] for one in shaken]
        spread[std] = np.std(boxes[10:], axis=0).mean()
    assert spread[4.0] < 0.6 * spread[0.5]


def test_the_tracks_say_how_sure_their_boxes_are():
    track = Tracker()
    stds = [track(seen(box(100, 100), box_std=4.0)).box_std[0] for _ in range(10)]
    np.testing.assert_allclose(stds[0], 4, rtol=1e-5)
    # Ten looks say more than one, and a guess less than a look.
    assert (stds[-1] < 3).all()
    assert (track(seen(box_std=4.0)).box_std[0] > stds[-1]).all()
    assert Tracker()(seen(box(100, 100))).box_std is None


def test_skipped_frames_coast_by_prediction_and_hardly_doubt():
    track = Tracker()
    for frame in range(20):
        looked = track(seen(box(10 + 4 * frame, 20), box(300, 20)))
    skipped = track.coast()
    assert skipped.states.tolist() == ["coasting", "coasting"]
    moved = skipped.boxes[skipped.track_ids == 1][0]
    np.testing.assert_allclose(moved, box(90, 20), atol=0.5)
    # A frame that shows nothing is evidence; a frame that nobody looked at is not.
    assert looked.scores.min() > skipped.scores.min() > track(NOTHING).scores.max()


def test_what_was_doubtful_is_not_guessed_on():
    track = Tracker()
    track(seen(box(10, 20), scores=0.5))
    assert len(track.coast()) == 0
    assert ids(track(seen(box(10, 20), scores=0.5))) == [1]


def test_a_static_scene_may_be_skipped_for_long():
    track = Tracker(patience=10)
    for _ in range(20):
        track(seen(box(100, 100)))
    for _ in range(100):
        still = track.coast()
    assert ids(still) == [1]
    assert pairwise_iou(still.boxes, np.array([box(100, 100)]))[0, 0] > 0.9
    assert ids(track(seen(box(100, 100)))) == [1]


def test_dropped_frames_are_time_that_passed():
    every, some = Tracker(), Tracker()
    for frame in range(31):
        all_of_them = every(seen(box(3 * frame, 20)))
        if frame % 3 == 0:
            third = some(seen(box(3 * frame, 20)), frames=3)
    np.testing.assert_allclose(third.boxes, all_of_them.boxes, atol=0.5)
    np.testing.assert_allclose(some.coast(2).boxes, every.coast(2).boxes, atol=1)


def test_boxes_end_at_the_frame_and_who_leaves_it_is_forgotten():
    track = Tracker()
    for frame in range(20):
        left = 200 + 6 * frame
        tracks = track(seen(box(left, 20)), frame_size=(240, 320))
        assert tracks.boxes.max() <= 320
    for _ in range(8):
        tracks = track(NOTHING, frame_size=(240, 320))
    assert len(tracks) == len(track) == 0
    assert ids(track(seen(box(270, 20)), frame_size=(240, 320))) == [2]


def test_another_size_is_another_scene():
    track = Tracker()
    for _ in range(3):
        track(seen(box(10, 20), box(200, 20)), frame_size=(240, 320))
    tracks = track(seen(box(10, 20)), frame_size=(480, 640))
    assert ids(tracks) == [1]
    assert tracks.scores[0] == pytest.approx(0.9)


def test_no_ghost_is_reported_where_somebody_stands():
    track = Tracker()
    for frame in range(20):
        track(seen(box(10 + 5 * frame, 20), box(100, 24)))
    # The first has come to the second, and hides it: both are remembered, one is reported.
    covering = track(seen(box(107, 21)))
    assert len(covering) == 1
    assert covering.states.tolist() == ["matched"]


def test_memory_stays_bounded():
    random, track = np.random.default_rng(4), Tracker(patience=30)
    sizes = []
    for _ in range(600):
        boxes = [box(*random.uniform(0, 2000, 2)) for _ in range(6)]
        track(seen(*boxes, scores=random.uniform(0.3, 0.99, 6)))
        sizes.append(len(track))
    assert max(sizes) <= 6 * 40
    assert max(sizes[300:]) <= 1.2 * max(sizes[:300])


def test_the_surest_come_first():
    track = Tracker()
    track(seen(box(10, 20), scores=0.5))
    tracks = track(seen(box(300, 20), box(10, 20), scores=[0.99, 0.5]))
    assert tracks.track_ids.tolist() == [2, 1]
    assert tracks.scores[0] > tracks.scores[1]


def test_empty_frames_from_the_start():
    track = Tracker()
    assert len(track(NOTHING)) == len(track.coast()) == 0
    assert track(NOTHING).boxes.shape == (0, 4)
