"""A sparse detector answers as the dense one, and runs only where something happens."""

import numpy as np
import pytest

from edgedet.errors import ImageError
from edgedet.runtime import EdgeDetector
from edgedet.runtime.preprocess import preprocess
from edgedet.runtime.sparse import Events, SparseDetector
from edgedet.runtime.sparse.staged import FeatureMaps, StagedNetwork


class Given:
    """A gate that answers what it was given."""

    macs = 0

    def __init__(self, *answers):
        self.answers = list(answers)

    def __call__(self, frame, grid):
        return np.full(grid.shape, self.answers.pop(0) if self.answers else False)


def with_square(frame, x, level=250):
    changed = frame.copy()
    changed[40:60, x : x + 20] = level
    return changed


def check_equal(found, expected):
    np.testing.assert_allclose(found.boxes, expected.boxes, atol=1e-3)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)
    np.testing.assert_array_equal(found.labels, expected.labels)


def test_the_first_frame_is_a_dense_one(detect, room):
    sparse = SparseDetector(detect)
    found = sparse(room)
    assert len(found) > 0
    check_equal(found, detect(room))
    assert sparse.activity.cells.all()
    # The gate has its price: six multiplications for each of 48 x 64 samples.
    macs = sum(stage.macs for stage in detect.manifest.stages)
    assert sparse.activity.compute == pytest.approx(1 + 6 * 48 * 64 / macs)


def test_with_every_cell_active_each_frame_is_a_dense_one(detect, clutter):
    sparse = SparseDetector(detect, gate=Given(True, True, True, True))
    for seed in range(4):
        frame = clutter(seed, (96, 128))
        check_equal(sparse(frame), detect(frame))


def test_where_nothing_changes_nothing_runs(detect, room, monkeypatch):
    sparse = SparseDetector(detect)
    first = sparse(room)

    def refuse(*_):
        raise AssertionError("expected nothing to run")

    monkeypatch.setattr(FeatureMaps, "update", refuse)
    monkeypatch.setattr(EdgeDetector, "postprocess", refuse)
    for _ in range(5):
        found, milliseconds = sparse.timed(room)
        assert found is first
        assert not sparse.activity.cells.any()
        assert sparse.activity.compute < 0.05
        assert milliseconds["inference"] < 1 and milliseconds["postprocess"] < 1
        assert milliseconds["total"] == pytest.approx(milliseconds["preprocess"], abs=0.5)


def test_where_something_changes_part_of_it_runs(detect, room):
    sparse = SparseDetector(detect)
    sparse(room)
    for x in (10, 30, 60, 100):
        frame = with_square(room, x)
        sparse(frame)
        assert 0 < sparse.activity.cells.sum() < 40
        assert sparse.activity.compute < 1


def test_what_is_computed_is_computed_of_the_present_frame(detect, room):
    # All cells that could look at the square, so nothing that is remembered is old.
    sparse = SparseDetector(detect, gate=Given(True, True))
    sparse(room)
    frame = with_square(room, 60)
    check_equal(sparse(frame), detect(frame))


def test_two_streams_in_turn_are_two_streams_alone(detect, network, room, clutter):
    other = clutter(5, (96, 128))
    videos = [
        [with_square(room, 5 * step) for step in range(8)],
        [with_square(other, 90 - 5 * step, 0) for step in range(8)],
    ]
    alone = []
    for video in videos:
        stream = SparseDetector(detect, network)
        alone.append([(stream(frame), stream.activity.compute) for frame in video])
    streams = [SparseDetector(detect, network) for _ in videos]
    for step in range(8):
        for stream, video, expected in zip(streams, videos, alone, strict=True):
            check_equal(stream(video[step]), expected[step][0])
            assert stream.activity.compute == expected[step][1]


@pytest.mark.parametrize("interval", [1, 5, 20])
def test_nothing_is_older_than_the_refresh_interval(staged, room, clutter, interval):
    detect = EdgeDetector.load(staged, refresh_interval=interval)
    # A gate that never sees anything: the worst there is.
    sparse = SparseDetector(detect, gate=Given())
    sparse(room)
    changed = clutter(7, (96, 128))
    for _ in range(interval):
        found = sparse(changed)
    if interval == 1:
        check_equal(found, detect(changed))
    fresh = FeatureMaps(StagedNetwork(detect.engine, detect.manifest))
    fresh.update(preprocess(changed, (64, 64))[0], None)
    found = sparse._features._maps["c2_conv"]
    np.testing.assert_allclose(found, fresh._maps["c2_conv"], atol=1e-4)


def test_the_refresh_is_spread_and_costs_little(detect, room):
    sparse, spent = SparseDetector(detect), []
    for _ in range(251):
        sparse(room)
        spent.append(sparse.activity.compute)
    assert max(spent[1:]) < 0.6
    # The gate alone is .034 of this network, which is a hundred times smaller than Phantom.
    assert np.mean(spent[1:]) - min(spent) < 0.02
    assert sum(cost > min(spent) for cost in spent[1:]) == 4


def test_a_full_frame_is_as_good_as_a_refresh(staged, room):
    detect = EdgeDetector.load(staged, refresh_interval=8)
    # Every second frame but one a part is due; after the third, in which all is computed, the
    # next is due as after the first.
    sparse = SparseDetector(detect, gate=Given(True, False, False, True))
    active = []
    for _ in range(8):
        sparse(room)
        active.append(bool(sparse.activity.cells.any()))
    assert active == [True, False, True, True, False, True, False, True]


def panned(step):
    """A frame, uint8 `[96, 128, 3]`, of a camera that pans over blocks of four pixels."""
    blocks = np.random.default_rng(4).integers(40, 220, (100, 100, 3)).astype("uint8")
    scene = blocks.repeat(4, axis=0).repeat(4, axis=1)
    return np.ascontiguousarray(scene[4 * step :, 3 * step :][:96, :128])


def test_where_all_moves_each_frame_is_a_dense_one_and_the_gate_costs_little(detect):
    sparse, spent = SparseDetector(detect), []
    for step in range(60):
        frame = panned(step)
        check_equal(sparse(frame), detect(frame))
        spent.append(sparse.activity.compute)
    # It takes a dozen frames to give up.
    gate = spent[0] - 1
    assert np.mean(spent[12:]) < 1 + 0.1 * gate


def test_after_the_camera_has_moved_what_changes_is_computed_again(detect):
    sparse = SparseDetector(detect)
    for step in range(24):
        sparse(panned(step))
    rest = panned(50)
    for _ in range(30):
        found = sparse(rest)
    check_equal(found, detect(rest))
    assert sparse.activity.compute < 0.1
    sparse(with_square(rest, 60))
    assert 0 < sparse.activity.cells.sum() < 40


def test_another_size_begins_anew(detect, room):
    sparse = SparseDetector(detect)
    sparse(room)
    for frame in (room[:80], room):
        check_equal(sparse(frame), detect(frame))
        assert sparse.activity.cells.all()


def test_another_scene_is_computed_in_full(detect, room, elsewhere):
    sparse = SparseDetector(detect)
    sparse(room)
    check_equal(sparse(elsewhere), detect(elsewhere))
    assert sparse.activity.compute > 1


def test_more_light_is_not_computed(detect, room):
    sparse = SparseDetector(detect)
    first = sparse(room)
    assert sparse((room * 0.8).astype("uint8")) is first


def test_detections_stand_where_nothing_happens(detect, room):
    sparse = SparseDetector(detect)
    first = sparse(room)
    far = sparse(with_square(room, 4))
    assert sparse.activity.cells[:, 5:].sum() == 0
    # What was found at the other side is still found there.
    right = first[first.boxes[:, 0] > 90]
    assert len(right)
    for box in right.boxes:
        assert np.abs(far.boxes - box).max(axis=1).min() < 1


def test_a_frame_that_is_none_is_refused_and_changes_nothing(detect, room):
    sparse = SparseDetector(detect)
    first = sparse(room)
    with pytest.raises(ImageError, match="dtype uint8"):
        sparse(room.astype("float32"))
    assert sparse(room) is first


def test_a_file_without_stages_is_not_supported(detect, tiny):
    assert SparseDetector.supports(detect)
    assert not SparseDetector.supports(EdgeDetector.load(tiny))


def test_the_gate_may_be_another(detect, room):
    events = Events()
    sparse = SparseDetector(detect, gate=events)
    sparse(room)
    sparse(with_square(room, 60))
    assert events.maps.shape == (2, 48, 64)
