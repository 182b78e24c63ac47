import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import (
    bce_with_logits_loss,
    focal_loss,
    quality_focal_loss,
    varifocal_loss,
)

LN2, LN3, LN4 = math.log(2), math.log(3), math.log(4)
FAMILY = [focal_loss, quality_focal_loss, varifocal_loss]


def value(loss, logit, target, **settings):
    return float(loss(tf.constant(logit), tf.constant(target), **settings))


@pytest.mark.parametrize(
    ("loss", "logit", "target", "expected"),
    [
        # An undecided score of 1/2: a quarter of the alpha-weighted cross entropy ln 2.
        (focal_loss, 0.0, 1.0, 0.0433),
        (focal_loss, 0.0, 0.0, 0.1300),
        (focal_loss, 0.0, 1.0, 0.25 * 0.25 * LN2),
        (focal_loss, 0.0, 0.0, 0.75 * 0.25 * LN2),
        # A score of 3/4: surprise 1/4 where the class is, 3/4 where it is not.
        (focal_loss, LN3, 1.0, 0.25 / 16 * (LN4 - LN3)),
        (focal_loss, LN3, 0.0, 0.75 * 9 / 16 * LN4),
        (quality_focal_loss, 0.0, 1.0, 0.25 * LN2),
        (quality_focal_loss, 0.0, 0.0, 0.25 * LN2),
        # The score is the target: no cost, although the cross entropy is not zero.
        (quality_focal_loss, 0.0, 0.5, 0.0),
        # A score of 3/4 for a box that fits by a half: distance 1/4.
        (quality_focal_loss, LN3, 0.5, (LN4 - 0.5 * LN3) / 16),
        (varifocal_loss, 0.0, 0.0, 0.75 * 0.25 * LN2),
        (varifocal_loss, 0.0, 0.8, 0.8 * LN2),
        (varifocal_loss, LN3, 1.0, LN4 - LN3),
    ],
)
def test_by_hand(loss, logit, target, expected):
    assert value(loss, logit, target) == pytest.approx(expected, rel=1e-3, abs=1e-12)


def test_focal_without_focus_is_half_the_cross_entropy():
    logits, targets = tf.constant([-3.0, 0.5, 4.0]), tf.constant([1.0, 0.0, 1.0])
    found = focal_loss(logits, targets, alpha=0.5, gamma=0.0)
    np.testing.assert_allclose(found, bce_with_logits_loss(logits, targets) / 2, rtol=1e-6)


@pytest.mark.parametrize("loss", FAMILY)
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_right_answer_is_free_and_a_wrong_one_dear(loss, target):
    surer = [value(loss, sign * size, target) for sign in (1, -1) for size in (0.0, 2.0, 1e4)]
    right, wrong = (surer[:3], surer[3:]) if target else (surer[3:], surer[:3])
    assert right[0] > right[1] > right[2] == 0
    assert wrong[0] < wrong[1] < wrong[2]
    weight = {focal_loss: (0.75, 0.25), varifocal_loss: (0.75, 1.0)}.get(loss, (1.0, 1.0))
    assert wrong[2] == pytest.approx(1e4 * weight[int(target)])


@pytest.mark.parametrize("loss", FAMILY)
@pytest.mark.parametrize("focus", [0.0, 0.5, 1.0, 2.0])
def test_values_and_slopes_stay_finite(loss, focus):
    logits = tf.constant([-1e4, -100.0, 0.0, 100.0, 1e4])
    name = "beta" if loss is quality_focal_loss else "gamma"
    for target in (0.0, 0.5, 1.0):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            found = loss(logits, tf.fill([5], target), **{name: focus})
        assert np.isfinite(found).all()
        assert np.isfinite(tape.gradient(found, logits)).all()


@pytest.mark.parametrize("loss", FAMILY)
@pytest.mark.parametrize("target", [0.0, 0.4, 1.0])
def test_gradients_are_slopes(loss, target, check_slope):
    # 1.3 and its like keep away from the one kink, where the score is the target.
    check_slope(lambda x: loss(x, tf.fill([4], tf.constant(target, "float64"))), [-5, -0.7, 1.3, 6])


@pytest.mark.parametrize("loss", [quality_focal_loss, varifocal_loss])
@pytest.mark.parametrize("target", [0.2, 0.5, 0.9])
def test_the_best_score_is_the_quality(loss, target):
    scores = np.linspace(0.05, 0.95, 19)
    logits = np.log(scores / (1 - scores)).astype("float32")
    found = loss(tf.constant(logits), tf.fill([19], target)).numpy()
    assert scores[found.argmin()] == pytest.approx(target)
