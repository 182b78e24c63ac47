import numpy as np

from edgedet.runtime.sparse.event_stream import polarity_maps
from edgedet.runtime.sparse.events import Events, EventSettings, active_cells
from edgedet.runtime.sparse.grid import CellGrid

GRID = CellGrid((96, 128), (64, 64), 8)


def test_no_events_are_empty_maps():
    maps = polarity_maps([], [], [], [], GRID, frame_time=1.0)
    assert maps.shape == (2, 48, 64)
    assert not maps.any()


def test_events_count_by_polarity_and_fade_with_their_age():
    # Two of the same sample, one of them a frame older; one darker elsewhere, two frames older.
    maps = polarity_maps([10, 11, 127], [20, 21, 95], [30, 40, 20], [1, 1, -1], GRID, 10.0)
    assert maps[0, 10, 5] == 1.5
    assert maps[1, 47, 63] == 0.25
    assert maps.sum() == 1.75


def test_zero_is_darker_as_in_most_recordings():
    maps = polarity_maps([0, 0], [0, 0], [0, 0], [0, 1], GRID, 1.0)
    assert maps[:, 0, 0].tolist() == [1, 1]


def test_a_stream_of_what_frames_fire_gives_the_same_maps(room):
    gate = Events(EventSettings(least=1e9, memory=0.5))
    gate(room, GRID)
    stream = []
    for time in range(1, 5):
        frame = room.copy()
        frame[30:40, 8 * time : 8 * time + 20] = 250
        kept = 0.5 * gate.maps
        gate(frame, GRID)
        # What has come to the maps in this frame is what an event camera would have sent.
        for polarity, row, column in np.argwhere(gate.maps - kept > 0.9):
            stream.append((2 * column + 1, 2 * row + 1, time, 1 - polarity))
    x, y, t, p = np.array(stream).T
    shuffled = np.random.default_rng(0).permutation(len(t))
    maps = polarity_maps(x[shuffled], y[shuffled], t[shuffled], p[shuffled], GRID, 1.0)

    np.testing.assert_allclose(maps, gate.maps, atol=1e-6)
    assert active_cells(maps, GRID).any()
