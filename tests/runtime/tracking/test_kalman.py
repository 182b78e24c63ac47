import numpy as np
import pytest

from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation, size

NOISE = MotionNoise()


def motion_of(boxes, noise=NOISE):
    return Motion.start(Observation.of(np.array(boxes, "float64"), None, noise), noise)


def columns(motion):
    return [motion.position, motion.rate, motion.variance, motion.covariance, motion.rate_variance]


def matrices(motion, coordinate):
    """Return the state `[2]` and its covariance `[2, 2]` of the first track, as textbooks do."""
    state = [motion.position[0, coordinate], motion.rate[0, coordinate]]
    mixed = motion.covariance[0, coordinate]
    variance = [
        [motion.variance[0, coordinate], mixed],
        [mixed, motion.rate_variance[0, coordinate]],
    ]
    return np.array(state), np.array(variance)


@pytest.fixture
def moving():
    """The filter of one box that has been seen twice, and knows that it moves."""
    motion = motion_of([[100, 100, 140, 200]]).predict(1, NOISE)
    return motion.update(Observation.of(np.array([[106.0, 101, 147, 203]]), None, NOISE))


def test_boxes_come_back():
    boxes = np.array([[10.0, 20, 30, 80], [-5, 0, 300, 1]])
    np.testing.assert_allclose(motion_of(boxes).boxes(), boxes)


@pytest.mark.parametrize("coordinate", range(4))
def test_predict_is_the_textbook_with_matrices(moving, coordinate):
    frames = 3.0
    state, variance = matrices(moving, coordinate)
    step = np.array([[1, frames], [0, 1]])
    scale = NOISE.acceleration * size(moving.position)[0] if coordinate < 2 else NOISE.growth
    push = scale**2 * np.array([[frames**3 / 3, frames**2 / 2], [frames**2 / 2, frames]])
    later, unsure = matrices(moving.predict(frames, NOISE), coordinate)
    np.testing.assert_allclose(later, step @ state)
    np.testing.assert_allclose(unsure, step @ variance @ step.T + push)


@pytest.mark.parametrize("coordinate", range(4))
def test_update_is_the_textbook_with_matrices(moving, coordinate):
    seen = Observation.of(np.array([[110.0, 100, 152, 205]]), np.array([[2.0, 3, 4, 5]]), NOISE)
    state, variance = matrices(moving, coordinate)
    look = np.array([[1.0, 0.0]])
    gain = variance @ look.T / (look @ variance @ look.T + seen.variance[0, coordinate])
    after, unsure = matrices(moving.update(seen), coordinate)
    np.testing.assert_allclose(
        after, state + gain[:, 0] * (seen.position[0, coordinate] - state[0])
    )
    np.testing.assert_allclose(unsure, (np.eye(2) - gain @ look) @ variance, atol=1e-12)


def test_three_frames_at_once_are_three_frames():
    # Sides do not grow here, for the noise is a share of them.
    motion = motion_of([[0, 0, 40, 90], [50, 60, 70, 80]])
    motion = Motion(motion.position, np.array([[3.0, -2, 0, 0]] * 2), *columns(motion)[2:])
    one_by_one = motion
    for _ in range(3):
        one_by_one = one_by_one.predict(1, NOISE)
    for at_once, repeated in zip(
        columns(motion.predict(3, NOISE)), columns(one_by_one), strict=True
    ):
        np.testing.assert_allclose(at_once, repeated)


def test_constant_velocity_is_learned():
    motion = motion_of([[0, 0, 40, 80]])
    for frame in range(1, 31):
        box = np.array([[4.0 * frame, -frame, 4.0 * frame + 40, 80.0 - frame]])
        motion = motion.predict(1, NOISE).update(Observation.of(box, None, NOISE))
    np.testing.assert_allclose(motion.rate[0], [4, -1, 0, 0], atol=0.01)
    # Ten frames without a look: 40 pixels to the right, 10 up.
    np.testing.assert_allclose(motion.predict(10, NOISE).boxes()[0], [160, -40, 200, 40], atol=0.5)


def test_a_sure_box_counts_more():
    motion = motion_of([[0, 0, 40, 40]]).predict(1, NOISE)
    box = np.array([[10.0, 0, 50, 40]])
    moved = [
        motion.update(Observation.of(box, np.full((1, 4), std), NOISE)).position[0, 0] - 20
        for std in (0.1, 3, 30)
    ]
    assert 10 > moved[0] > 9.9
    assert moved[0] > moved[1] > moved[2] > 0
    assert moved[2] < 0.5


def test_the_noise_of_a_side_becomes_that_of_centre_and_logarithm():
    # Sides with 3 and 4 pixels: their mean has half of 5, their difference 5, of 50 pixels.
    seen = Observation.of(np.array([[0.0, 0, 50, 50]]), np.array([[3.0, 3, 4, 4]]), NOISE)
    np.testing.assert_allclose(np.sqrt(seen.variance[0]), [2.5, 2.5, 0.1, 0.1])


def test_sides_are_as_unsure_as_what_was_seen():
    # Sides that err alike and on their own come back as they went in.
    std = np.full((1, 4), 3.0)
    seen = Observation.of(np.array([[0.0, 0, 50, 90]]), std, NOISE)
    np.testing.assert_allclose(Motion.start(seen, NOISE).box_std(), std)


def test_who_sees_nothing_goes_on():
    motion = motion_of([[0, 0, 40, 40], [100, 0, 140, 40]]).predict(1, NOISE)
    seen = Observation.of(np.array([[104.0, 0, 144, 40]]), None, NOISE)
    after = motion.update(seen.given_to(np.array([1]), 2))
    for before, now in zip(columns(motion), columns(after), strict=True):
        np.testing.assert_array_equal(before[0], now[0])
    assert after.position[1, 0] > 122


def test_noise_is_a_share_of_the_box():
    near, far = motion_of([[0, 0, 100, 100]]), motion_of([[0, 0, 10, 10]])
    for _ in range(3):
        near, far = near.predict(2, NOISE), far.predict(2, NOISE)
    np.testing.assert_allclose(near.variance[:, :2], 100 * far.variance[:, :2])
    np.testing.assert_allclose(near.variance[:, 2:], far.variance[:, 2:])


@pytest.mark.parametrize("box", [[5.0, 5, 5, 5], [0, 0, 1e-9, 4]])
def test_a_box_without_area_breaks_nothing(box):
    seen = Observation.of(np.array([box]), np.zeros((1, 4)), NOISE)
    motion = Motion.start(seen, NOISE).predict(1, NOISE).update(seen)
    assert all(np.isfinite(column).all() for column in columns(motion))
