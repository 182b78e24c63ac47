"""A tracker with a memory: looks tell who is who where the motion cannot."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from edgedet.data.sequences import digits
from edgedet.detections import Detections
from edgedet.runtime import EdgeDetector, Tracker
from edgedet.runtime.tracking import TrackedStream
from edgedet.runtime.tracking.memory import FEATURES, TERMS, ObjectMemory

SIZE = (120, 240)
SIDE, SMALL, EMBEDDING = 8, 4, 32


@pytest.fixture(scope="session")
def memory():
    """A memory that corrects nothing and has an eye for looks: a random projection keeps angles."""
    random = np.random.default_rng(0)
    return ObjectMemory(
        {
            "embed0": random.normal(size=(SIDE * SIDE * 3, EMBEDDING)) / SIDE,
            "embed0_bias": np.zeros(EMBEDDING),
            "gru": np.zeros((FEATURES + EMBEDDING, 3 * SMALL)),
            "gru_bias": np.zeros(3 * SMALL),
            "gru_state": np.zeros((SMALL, 3 * SMALL)),
            "gru_state_bias": np.zeros(3 * SMALL),
            "correct": np.zeros((SMALL, TERMS * 8)),
            "correct_bias": np.zeros(TERMS * 8),
            "look": np.zeros((SMALL, EMBEDDING)),
            "look_bias": np.zeros(EMBEDDING),
        }
    )


def coloured(label, colour):
    sprite = digits.digit(label)
    picture = Image.new("RGBA", sprite.picture.size, (*colour, 0))
    picture.putalpha(sprite.picture.getchannel("A"))
    return dataclasses.replace(sprite, picture=picture)


def found(*boxes):
    count = len(boxes)
    return Detections(
        np.array(boxes, "float32").reshape(-1, 4),
        np.full(count, 0.9, "float32"),
        np.zeros(count, "int32"),
    )


def box(x, y=40):
    return np.array([x, y, x + 30.0, y + 40])


def filmed(sprites, boxes, ground):
    canvas = Image.fromarray(ground)
    for sprite, place in zip(sprites, boxes, strict=True):
        sprite.put(canvas, place)
    return np.asarray(canvas)


@pytest.fixture
def noise():
    grains = np.random.default_rng(1).integers(0, 100, (*SIZE, 3), "uint8")
    return grains


def meeting(turn):
    """Yield where two digits are that meet in the middle, and turn back or walk on."""
    for frame in range(60):
        way = 2.0 * min(frame, 60 - frame if turn else frame)
        yield box(50 + way), box(160 - way)


@pytest.mark.parametrize("turn", [False, True], ids=["walk on", "turn back"])
def test_digits_keep_their_numbers_through_a_crossing(memory, noise, turn):
    three, eight = coloured(3, (255, 120, 120)), coloured(8, (120, 255, 120))
    track, numbers = Tracker(memory=memory), []
    for places in meeting(turn):
        frame = filmed((three, eight), places, noise)
        # Who is mostly hidden is not found.
        apart = abs(places[0][0] - places[1][0])
        seen = places if apart > 12 else places[1:]
        tracks = track(found(*seen), frame=frame, frame_size=SIZE)
        middles = (tracks.boxes[:, 0] + tracks.boxes[:, 2]) / 2
        nearest = [int(np.abs(middles - place[0] - 15).argmin()) for place in places]
        numbers.append(tracks.track_ids[nearest].tolist())
    assert numbers[5] == numbers[-1] and len(set(numbers[-1])) == 2


def test_who_comes_back_elsewhere_is_known_by_looks(memory, noise):
    def followed(returning):
        track = Tracker(memory=memory)
        three, eight = coloured(3, (255, 120, 120)), coloured(8, (120, 255, 120))
        for _ in range(15):
            first = track(found(box(60)), frame=filmed([three], [box(60)], noise))
        for _ in range(30):
            track(found(), frame=noise)
        sprite = {"same": three, "other": eight}[returning]
        place = box(92)
        again = track(found(place), frame=filmed([sprite], [place], noise))
        return first.track_ids[0] == again.track_ids[-1]

    assert followed("same")
    assert not followed("other")


def test_without_a_look_nobody_is_found_again_elsewhere(memory):
    # To this memory all that is not looked at looks the same.
    track = Tracker(memory=ObjectMemory({**memory._weights, "embed0_bias": np.ones(EMBEDDING)}))
    for _ in range(15):
        track(found(box(60)))
    for _ in range(30):
        track(found())
    assert track(found(box(92))).track_ids.tolist() == [2]


def test_thirty_frames_of_a_square_on_noise_are_one_object(memory):
    random, track, numbers = np.random.default_rng(2), Tracker(memory=memory), set()
    for frame in range(30):
        pixels = random.integers(0, 120, (*SIZE, 3), "uint8")
        place = box(20 + 3 * frame)
        left, top, right, bottom = place.astype(int)
        pixels[top:bottom, left:right] = random.integers(200, 255, (40, 30, 3), "uint8")
        shaken = place + random.normal(0, 1.5, 4)
        numbers |= set(track(found(shaken), frame=pixels, frame_size=SIZE).track_ids.tolist())
    assert numbers == {1}


def test_interleaved_streams_are_as_two_separate_ones(memory, clutter):
    random = np.random.default_rng(3)
    frames = [clutter(number, SIZE) for number in range(4)]
    streams = [
        [
            (found(*(box(x + 2 * t) + random.normal(0, 1, 4) for x in (10, 80, 160))), t)
            for t in range(20)
        ]
        for _ in range(2)
    ]

    def step(track, seen, t):
        return track(seen, frame=frames[t % 4], frame_size=SIZE)

    alone = []
    for stream in streams:
        track = Tracker(memory=memory)
        alone.append([step(track, *shown) for shown in stream])
    first, second = Tracker(memory=memory), Tracker(memory=memory)
    together = [(step(first, *a), step(second, *b)) for a, b in zip(*streams, strict=True)]
    for kept, mixed in zip(alone, zip(*together, strict=True), strict=True):
        for one, other in zip(kept, mixed, strict=True):
            np.testing.assert_array_equal(one.boxes, other.boxes)
            np.testing.assert_array_equal(one.track_ids, other.track_ids)


def test_multiplications_are_counted(memory, noise):
    track = Tracker(memory=memory)
    track(found(box(20), box(120)), frame=noise)
    # Nobody is known yet: two looks, two states.
    assert track.macs == 2 * (memory.look_macs + memory.update_macs)
    track(found(box(20), box(120)), frame=noise)
    filters = 2 * (80 + 2 * memory.expect_macs) + 4 * (13 + EMBEDDING)
    assert track.macs == filters + 2 * (memory.look_macs + memory.update_macs)
    # Where nobody looks, nobody is looked at.
    track.coast()
    assert track.macs == 2 * (80 + memory.expect_macs)


def test_far_and_faint_detections_are_not_looked_at(memory, noise):
    track = Tracker(memory=memory, min_score=0.3)
    faint = dataclasses.replace(found(box(20)), scores=np.float32([0.1]))
    track(faint, frame=noise)
    assert track.macs == 0


def test_what_cannot_be_the_track_is_not_looked_at(memory, noise):
    track = Tracker(memory=memory, min_score=0.3)
    for _ in range(40):
        track(found(box(20)), frame=noise)
    known = 80 + 2 * memory.expect_macs + 13 + EMBEDDING
    # Overlaps, but so far off that no look could make it cheap enough; and another label.
    faint = dataclasses.replace(found(box(43)), scores=np.float32([0.1]))
    other = dataclasses.replace(found(box(20)), labels=np.int32([1]), scores=np.float32([0.1]))
    for weak in (faint, other):
        track(weak, frame=noise)
        assert track.macs == known


def test_doubtful_scores_do_not_become_objects(tiny):
    """What was measured of a file's scores reaches the tracker of its streams."""
    detect = EdgeDetector.load(tiny)
    detect.parts = {"evidence": {"slope": np.float32(3.0), "neutral": np.float32(0.999)}}
    frame = np.zeros((32, 32, 3), "uint8")
    frame[8:12, 16:20] = 255
    sure, doubtful = TrackedStream(EdgeDetector.load(tiny)), TrackedStream(detect)
    assert sure.timed(frame, 0)[0].states.tolist() == ["matched"]
    assert doubtful.timed(frame, 0)[0].states.tolist() == ["tentative"]


def test_a_stream_takes_the_memory_of_its_file(tiny, memory):
    detect = EdgeDetector.load(tiny)
    detect.parts = {"memory": memory._weights}
    streams = [TrackedStream(EdgeDetector.load(tiny)), TrackedStream(detect)]
    frame = np.zeros((32, 32, 3), "uint8")
    frame[8:12, 16:20] = 255
    plain, remembering = (stream.timed(frame, 0)[0] for stream in streams)
    np.testing.assert_array_equal(plain.boxes, remembering.boxes)
    assert streams[1]._tracker.macs > streams[0]._tracker.macs == 0
