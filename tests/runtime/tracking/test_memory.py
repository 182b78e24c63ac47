import numpy as np
import pytest

from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation
from edgedet.runtime.tracking.memory import (
    FEATURES,
    RENEWAL,
    TERMS,
    NoMemory,
    ObjectMemory,
    horizon,
    surprises,
)

NOISE = MotionNoise()


def weights(size=3, embedding=2, side=4, scale=0.0, seed=0):
    """Return those of a memory; 0 everywhere unless `scale` says how large they are."""
    random = np.random.default_rng(seed)
    shapes = {
        "embed0": (side * side * 3, embedding),
        "embed0_bias": (embedding,),
        "gru": (FEATURES + embedding, 3 * size),
        "gru_bias": (3 * size,),
        "gru_state": (size, 3 * size),
        "gru_state_bias": (3 * size,),
        "correct": (size, TERMS * 8),
        "correct_bias": (TERMS * 8,),
        "look": (size, embedding),
        "look_bias": (embedding,),
    }
    return {name: scale * random.normal(size=shape) for name, shape in shapes.items()}


def observed(*boxes):
    return Observation.of(np.array(boxes, float), None, NOISE)


def test_a_memory_that_learned_nothing_leaves_filters_as_they_are():
    memory, motion = ObjectMemory(weights()), Motion.start(observed([0, 0, 40, 80]), NOISE)
    expected = memory.expected(motion, memory.nothing(1))
    for name in ("position", "rate", "variance"):
        np.testing.assert_array_equal(getattr(expected, name), getattr(motion, name))


def test_a_correction_by_hand():
    # Size 40: .5 sizes right at once, .2 sizes down for each ten frames, twice the width at once.
    learned = weights()
    bias = np.zeros((TERMS, 8))
    bias[0, 0], bias[2, 1], bias[0, 2], bias[0, 4] = 0.5, 0.2, np.log(2), np.log(9)
    learned["correct_bias"] = bias.ravel()
    memory, motion = ObjectMemory(learned), Motion.start(observed([0, 0, 20, 80]), NOISE)
    expected = memory.expected(motion, memory.nothing(1).later(5))
    np.testing.assert_allclose(expected.position[0, :2], [10 + 20, 40 + 4], rtol=1e-6)
    np.testing.assert_allclose(np.exp(expected.position[0, 2:]), [40, 80], rtol=1e-6)
    np.testing.assert_allclose(expected.variance / motion.variance, [[9, 1, 1, 1]], rtol=1e-5)


def test_terms_come_at_once_within_frames_and_for_good():
    # .8 ** 1 and .8 ** 10; nothing is known further ahead than 20 frames.
    expected = [[1, 0, 0], [1, 0.2, 0.1], [1, 1 - 0.8**10, 1], [1, 1 - 0.8**20, 2]]
    np.testing.assert_allclose(horizon(np.array([0, 1, 10, 20])), expected, rtol=1e-5)
    np.testing.assert_array_equal(horizon(np.array([500])), horizon(np.array([20])))


def test_surprises_by_hand():
    # A square of size 20 that turns up 2 pixels further right than its filter says.
    before = Motion.start(observed([0, 0, 20, 20]), NOISE).predict(1, NOISE)
    seen = observed([2, 0, 22, 20])
    after = before.update(seen)
    told = surprises(before, after, seen, np.array([2.0]), np.array([3]))[0]
    np.testing.assert_allclose(told[:4], [2 / 20 / 0.1, 0, 0, 0], atol=1e-6)
    assert told[4] > 0.1
    np.testing.assert_allclose(told[4], after.rate[0, 0] / 20 / 0.05, rtol=1e-5)
    # Square; log-odds 2 of 4; three frames unseen; sides of 7 %: the centre errs by a root of two
    # less, the logarithm of a side by a root of two more.
    rest = [0, 0.5, np.log(3), -np.log(2) / 2, np.log(2) / 2]
    np.testing.assert_allclose(told[8:], rest, atol=1e-5)


def test_surprises_do_not_hang_on_the_scale():
    def told(scale):
        before = Motion.start(observed([0, 0, 20 * scale, 30 * scale]), NOISE)
        seen = observed(np.array([2, 1, 24, 30]) * scale)
        return surprises(before, before.update(seen), seen, np.zeros(1), np.ones(1, int))

    np.testing.assert_allclose(told(1), told(7), atol=1e-5)


def test_looks_are_a_running_mean():
    memory = ObjectMemory(weights())
    red, blue = np.array([[1.0, 0]], "float32"), np.array([[0.0, 1]], "float32")
    told = np.zeros((1, FEATURES), "float32")
    first = memory.update(memory.nothing(1), told, red)
    then = memory.update(first, told, blue)
    np.testing.assert_allclose(first.appearance, red)
    np.testing.assert_allclose(then.appearance, [[1 - RENEWAL, RENEWAL]], rtol=1e-6)
    # The same look costs nothing, one that has nothing in common costs 1.
    np.testing.assert_allclose(memory.unlike(first, np.vstack([red, blue])), [[0, 1]], atol=1e-5)
    np.testing.assert_allclose(memory.unlike(first, -red), [[1]], atol=1e-5)


def test_a_gru_step_by_hand():
    # One number of state, of which the update gate keeps three quarters.
    learned = weights(size=1)
    learned["gru_bias"] = np.array([np.log(3), 0.0, 1.0])
    memory = ObjectMemory(learned)
    looks, told = np.zeros((1, 2), "float32"), np.zeros((1, FEATURES), "float32")
    once = memory.update(memory.nothing(1), told, looks)
    np.testing.assert_allclose(once.state, [[np.tanh(1) / 4]], rtol=1e-6)
    twice = memory.update(once, told, looks)
    np.testing.assert_allclose(twice.state, [[np.tanh(1) * 7 / 16]], rtol=1e-6)


def test_tracks_do_not_see_each_other(clutter):
    memory, random = ObjectMemory(weights(scale=0.5)), np.random.default_rng(1)
    told = random.normal(size=(5, FEATURES)).astype("float32")
    looks = memory.look(clutter(0, (50, 50)), random.uniform(0, 25, (5, 4)) + [0, 0, 20, 20])
    together = memory.update(memory.nothing(5), told, looks)
    alone = [memory.update(memory.nothing(1), told[[n]], looks[[n]]) for n in range(5)]
    np.testing.assert_allclose(together.state, np.vstack([a.state for a in alone]), atol=1e-6)


def test_what_it_costs_is_counted():
    memory = ObjectMemory(weights(size=3, embedding=2, side=4))
    assert memory.look_macs == 48 * 2
    assert memory.update_macs == 15 * 9 + 3 * 9
    assert memory.expect_macs == 3 * 24 + 3 * 2
    biases = 2 + 9 + 9 + 24 + 2
    assert memory.parameters == 48 * 2 + 15 * 9 + 3 * 9 + 3 * 24 + 3 * 2 + biases


@pytest.mark.parametrize("count", [0, 3])
def test_without_a_frame_all_look_the_same(count):
    memory = ObjectMemory(weights(scale=1.0))
    looks = memory.look(None, np.zeros((count, 4)))
    assert looks.shape == (count, 2)
    assert len(np.unique(looks, axis=0)) <= 1


def test_no_memory_costs_and_changes_nothing():
    nobody = NoMemory()
    motion = Motion.start(observed([0, 0, 40, 80]), NOISE)
    assert nobody.expected(motion, nobody.nothing(1)) is motion
    assert nobody.unlike(nobody.nothing(1), np.zeros((2, 0))) == 0
    assert nobody.look_macs + nobody.update_macs + nobody.expect_macs == 0
