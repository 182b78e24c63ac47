import dataclasses

import numpy as np
import pytest

from edgedet.data.sequences.path import Habits, views, walk

STEADY = Habits(speed=0.05, resting=0.0, wander=0.0, growth=0.0, sway=0.0, stretch=15.0)


def walked(habits=STEADY, length=200, seed=0):
    return walk((50, 40), (20, 30), length, habits, np.random.default_rng(seed))


def test_a_walk_begins_where_it_should_and_keeps_its_size():
    boxes = walked()
    np.testing.assert_allclose(boxes[0], [40, 25, 60, 55])
    np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], np.tile([20, 30], (200, 1)))


def test_it_speeds_up_and_slows_down_and_never_jumps():
    centres = (walked()[:, :2] + walked()[:, 2:]) / 2
    velocity = np.diff(centres, axis=0)
    change = np.linalg.norm(np.diff(velocity, axis=0), axis=1)
    # Half of the difference to the wanted velocity at most, which is a few usual steps long.
    step = 0.05 * np.sqrt(20 * 30)
    assert change.max() < 0.5 * 8 * step
    assert np.linalg.norm(velocity, axis=1).std() > 0.1 * step


def test_who_rests_all_the_time_stays():
    resting = dataclasses.replace(STEADY, resting=1.0)
    assert np.ptp(walked(resting), axis=0).max() == 0


def test_who_never_changes_goes_straight_on():
    straight = walked(dataclasses.replace(STEADY, stretch=1e9))
    np.testing.assert_allclose(np.diff(straight, n=2, axis=0), 0, atol=1e-9)
    assert np.ptp(straight[:, 0]) > 1


@pytest.mark.parametrize("seed", range(20))
def test_a_camera_sees_parts_of_the_scene_in_the_shape_of_the_frame(seed):
    seen = views((300, 500), (120, 160), 100, np.random.default_rng(seed))
    assert (seen[:, :2] >= -1e-9).all() and (seen[:, 2:] <= np.array([500, 300]) + 1e-9).all()
    sides = seen[:, 2:] - seen[:, :2]
    np.testing.assert_allclose(sides[:, 0] / sides[:, 1], 160 / 120)
    # Nothing is enlarged: a pixel of the frame is a pixel of the scene or more.
    assert sides[:, 0].min() >= 160 - 1e-9


def test_some_cameras_stand_still_and_some_move():
    moves = [
        np.ptp(views((300, 500), (120, 160), 50, np.random.default_rng(seed)), axis=0).max() > 1
        for seed in range(40)
    ]
    assert 8 < sum(moves) < 32
