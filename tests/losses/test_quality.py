import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses.quality import centerness_loss, iou_quality_loss


def entropy(wanted, logit):
    """Return the binary cross entropy of one logit."""
    score = 1 / (1 + math.exp(-logit))
    return -wanted * math.log(score) - (1 - wanted) * math.log(1 - score)


def test_quality_by_hand():
    found = iou_quality_loss(tf.constant([[[0.0], [2.0]]]), tf.constant([[0.5, 0.25]]))
    np.testing.assert_allclose(found, [[math.log(2), entropy(0.25, 2.0)]], rtol=1e-6)


def test_centerness_by_hand(make_targets):
    # From (12, 4) the box [4, 0, 20, 12] is 8 to the left and right, 4 up and 8 down.
    found = centerness_loss(tf.fill([1, 4, 1], 1.0), make_targets())
    assert float(found[0, 1]) == pytest.approx(entropy(math.sqrt(4 / 8), 1.0), rel=1e-6)


def test_a_point_outside_its_box_is_not_told_that_it_sits_badly(make_targets):
    # A box of 2 x 2 between the points; (12, 4) is the nearest.
    small = np.tile(np.array([8.0, 1, 10, 3], "float32"), (1, 4, 1))
    logits = tf.Variable(tf.zeros([1, 4, 1]))
    with tf.GradientTape() as tape:
        cost = centerness_loss(logits, make_targets(boxes=small))
    assert not cost.numpy().any()
    assert not tape.gradient(cost, logits).numpy().any()
