import numpy as np
import pytest

from edgedet.runtime.sparse.events import Events, EventSettings, active_cells
from edgedet.runtime.sparse.grid import CellGrid

GRID = CellGrid((96, 128), (64, 64), 8)


@pytest.fixture
def gate(room):
    gate = Events()
    assert gate(room, GRID).all(), "the first frame is all new"
    return gate


def with_square(frame, x, level=250, side=12, y=40):
    changed = frame.copy()
    changed[y : y + side, x : x + side] = level
    return changed


def brighter(pixels, levels):
    return np.minimum(pixels.astype(int) + levels, 255)


def cells(active):
    return [tuple(place) for place in np.argwhere(active).tolist()]


def test_the_same_frame_is_no_event(gate, room):
    for _ in range(5):
        assert not gate(room, GRID).any()
    assert not gate.maps.any()


def test_what_appears_is_active_where_it_is_and_only_once(gate, room):
    changed = with_square(room, 64)
    # Pixels 64-75, 40-51 are 32-37, 28-33 of the input: column 4, rows 3 and 4.
    active = cells(gate(changed, GRID))
    assert {(3, 4), (4, 4)} <= set(active)
    assert all(2 <= row <= 5 and 3 <= column <= 5 for row, column in active)
    assert not gate(changed, GRID).any()


def test_what_leaves_is_seen_too(gate, room):
    gate(with_square(room, 64), GRID)
    assert (4, 4) in cells(gate(room, GRID))


def test_brighter_is_on_and_darker_is_off(room):
    for level, polarity in ((250, 0), (0, 1)):
        # Too much to be active, so the maps stay to be looked at.
        gate = Events(EventSettings(least=1e9))
        gate(room, GRID)
        gate(with_square(room, 64, level), GRID)
        assert gate.maps[polarity, 20:25, 32:37].all()
        assert not gate.maps[1 - polarity].any()


def test_events_fade(room):
    gate = Events(EventSettings(least=1e9, memory=0.25))
    gate(room, GRID)
    gate(with_square(room, 64), GRID)
    assert gate.maps.max() == 1
    gate(room, GRID)
    assert gate.maps.max() == 0.25


def test_slow_changes_add_up(gate, room):
    # Three grey levels a frame are less than any threshold; after some frames they are more.
    seen = []
    for step in range(1, 30):
        changed = room.copy()
        changed[40:60, 64:84] = brighter(room[40:60, 64:84], 3 * step)
        seen.append(gate(changed, GRID).any())
    assert not any(seen[:2])
    assert 2 <= sum(seen) < 15


def test_slow_changes_add_up_while_others_are_seen(gate, room):
    seen = []
    for step in range(1, 30):
        changed = with_square(room, 10 + 3 * step, y=8)
        changed[60:84, 64:88] = brighter(room[60:84, 64:88], 3 * step)
        seen.append(gate(changed, GRID)[5:].any())
    assert any(seen)


def test_more_light_is_no_motion(gate, room):
    for gain in (1.1, 1.25, 0.8, 0.6, 1.0):
        lit = np.clip(room * gain, 0, 255).astype("uint8")
        assert not gate(lit, GRID).any()


def test_motion_is_seen_in_other_light_too(gate, room):
    darker = (with_square(room, 64) * 0.6).astype("uint8")
    active = gate(darker, GRID)
    assert active[4, 4]
    assert active.sum() < 10
    # Back in the first light, nothing has moved since.
    assert not gate(with_square(room, 64), GRID).any()


@pytest.mark.parametrize("noise", [1, 2, 4])
def test_noise_does_not_fire(room, noise):
    generator, gate, fired = np.random.default_rng(0), Events(), 0
    for frame in range(100):
        noisy = np.clip(room + generator.normal(0, noise, room.shape), 0, 255).astype("uint8")
        active = gate(noisy, GRID)
        # Strong noise must be learned first.
        fired += bool(active.any()) and frame >= 15
    assert fired <= 2


def test_strong_noise_is_learned(room):
    generator, gate, fired = np.random.default_rng(0), Events(), []
    for _ in range(120):
        noisy = np.clip(room + generator.normal(0, 30, room.shape), 0, 255).astype("uint8")
        fired.append(bool(gate(noisy, GRID).any()))
    assert np.mean(fired[:5]) > 0.5, "strong enough to be seen"
    assert np.mean(fired[60:]) < 0.1


def test_a_hot_pixel_is_not_worth_a_cell(gate, room):
    flickering = room.copy()
    for frame in range(10):
        flickering[21, 31] = 255 * (frame % 2)
        assert not gate(flickering, GRID).any()


def test_another_scene_is_all_new(gate, elsewhere):
    assert gate(elsewhere, GRID).all()
    assert not gate(elsewhere, GRID).any()


def test_another_size_is_all_new(gate, room):
    assert gate(room[:80], CellGrid((80, 128), (64, 64), 8)).all()


def test_grey_frames_have_events_too(room):
    gate = Events()
    grey = room[..., :1]
    gate(grey, GRID)
    assert gate(with_square(grey, 64), GRID)[4, 4]
    assert not gate(with_square(grey, 64), GRID).any()


def test_events_and_noise_are_those_of_each_sample_alone(room):
    # Never active, so that all is compared with the first frame.
    generator, gate = np.random.default_rng(0), Events(EventSettings(least=1e9))
    gate(room, GRID)
    first = GRID.brightness(room)
    noise, before, maps = 3 / (first + 40.0), 0, np.zeros((2, 48, 64))
    fired = 0
    for frame in range(12):
        # Still, restless and still again.
        spread = 60 * (3 < frame < 8)
        seen = np.clip(room + generator.normal(0, spread, room.shape), 0, 255).astype("uint8")
        gate(seen, GRID)
        change = np.log(GRID.brightness(seen) + 40.0) - np.log(gate._light * first + 40.0)
        threshold = np.maximum(0.2, 4 * noise)
        maps = 0.5 * maps + np.stack([change > threshold, change < -threshold])
        noise += (np.minimum(abs(change - before), threshold) - noise) / 16
        before, fired = change, fired + (abs(change) > threshold).sum()
        np.testing.assert_allclose(gate.maps, maps, atol=1e-6)
        np.testing.assert_allclose(gate._noise, noise, atol=1e-6)
    assert fired > 100


def test_so_many_events_make_a_cell_active():
    maps = np.zeros((2, 48, 64), "float32")
    maps[0, 20, 32:35] = 1
    assert not active_cells(maps, GRID).any()
    # Both polarities count.
    maps[1, 21, 33] = 1
    assert cells(active_cells(maps, GRID, EventSettings(reach=0))) == [(3, 4)]


def test_cells_within_reach_of_events_are_active_too():
    maps = np.zeros((2, 48, 64), "float32")
    # Samples 32 to 35 of row 24: the first of row 4 of the cells, so row 3 is within reach.
    maps[0, 24, 33:37] = 1
    assert cells(active_cells(maps, GRID, EventSettings(reach=0))) == [(4, 4)]
    assert cells(active_cells(maps, GRID, EventSettings(reach=1))) == [(3, 4), (4, 4)]


def test_few_multiplications(gate, room):
    gate(room, GRID)
    # Six for each of 48 x 64 samples.
    assert gate.macs == 6 * 48 * 64
