import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import bce_with_logits_loss


def test_bce_by_hand():
    # Undecided costs ln 2 whatever the truth; a score of .75, which is a logit of ln 3, costs
    # -ln .75 where something is and -ln .25 where nothing is.
    logits, targets = [0.0, 0.0, math.log(3), math.log(3)], [0.0, 1.0, 1.0, 0.0]
    found = bce_with_logits_loss(tf.constant(logits), tf.constant(targets))
    np.testing.assert_allclose(
        found, [math.log(2), math.log(2), -math.log(0.75), -math.log(0.25)], rtol=1e-6
    )


def test_bce_of_a_soft_target_is_a_mixture():
    logits = tf.constant([-2.0, 0.3, 5.0])
    absent, present = (bce_with_logits_loss(logits, tf.constant(t)) for t in (0.0, 1.0))
    found = bce_with_logits_loss(logits, tf.constant(0.3))
    np.testing.assert_allclose(found, 0.7 * absent + 0.3 * present, rtol=1e-6)


def test_bce_keeps_its_digits_at_the_ends():
    # The wrong side costs the logit itself; the right one next to nothing, e^-20, but not nothing.
    logits, targets = tf.constant([1e4, -1e4, 1e4, 20.0]), tf.constant([0.0, 1.0, 1.0, 1.0])
    found = bce_with_logits_loss(logits, targets)
    np.testing.assert_allclose(found, [1e4, 1e4, 0, math.exp(-20)], rtol=1e-6)


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_the_slope_of_bce_is_score_less_target(target):
    # Zero is where the two branches of its stable form meet.
    logits = tf.constant([-1e4, -3.0, 0.0, 3.0, 1e4])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = bce_with_logits_loss(logits, tf.constant(target))
    found = tape.gradient(loss, logits)
    np.testing.assert_allclose(found, tf.sigmoid(logits) - target, atol=1e-6)
