import math

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses.objectness import objectness_loss


def logit(score):
    return math.log(score / (1 - score))


def cost_and_slope(targets, scores, logits=(0.0, 0.0, 0.0, 0.0)):
    """Return cost `[4]` of one image and its slope; `scores` are of the classes `[4, 3]`."""
    logits = tf.Variable(np.reshape(logits, (1, 4, 1)), dtype=tf.float32)
    classes = tf.Variable(np.vectorize(logit)(scores)[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        cost = objectness_loss(logits, classes, targets)
    slopes = tape.gradient(cost, [logits, classes])
    assert slopes[1] is None
    return cost.numpy()[0], slopes[0].numpy()[0, :, 0]


SCORES = np.array([[0.1, 0.2, 0.9], [0.3, 0.4, 0.9], [0.1, 0.2, 0.4], [0.5, 0.5, 0.5]])


def test_by_hand(make_targets):
    # Background, an object, background, ignored.
    cost, slope = cost_and_slope(make_targets(), SCORES, [logit(0.2), logit(0.2), logit(0.6), 0])
    np.testing.assert_allclose(cost, [-math.log(0.8), -math.log(0.2), -math.log(0.4), 0], rtol=1e-5)
    np.testing.assert_allclose(slope, [0.2, -0.8, 0.6, 0], rtol=1e-5)


def test_what_may_be_an_unlabelled_object_is_hardly_asked_to_be_nothing(make_targets):
    # Nobody looked for the third class. The first point is 0.9 sure of it, the third 0.4.
    known = np.array([[True, True, False]])
    cost, slope = cost_and_slope(make_targets(known=known), SCORES)
    np.testing.assert_allclose(cost / math.log(2), [0.1, 1, 0.6, 0], rtol=1e-5)
    np.testing.assert_allclose(slope, [0.05, -0.5, 0.3, 0], rtol=1e-5)


def test_the_most_likely_of_several_unlabelled_classes_counts(make_targets):
    known = np.array([[False, True, False]])
    cost, _ = cost_and_slope(make_targets(known=known), [[0.7, 0.9, 0.6]] * 4)
    assert cost[0] / math.log(2) == pytest.approx(0.3, rel=1e-5)


def test_each_image_has_its_own_labels(make_targets):
    known = np.array([[True, True, True]])
    both = tf.concat([make_targets().known, make_targets(known=~known).known], axis=0)
    targets = make_targets(batch=2, known=both.numpy()[:1])
    targets = type(targets)(**{**vars(targets), "known": both})
    classes = tf.constant(np.full((2, 4, 3), logit(0.75)), tf.float32)
    cost = objectness_loss(tf.zeros([2, 4, 1]), classes, targets)
    np.testing.assert_allclose(cost[:, 0] / math.log(2), [1, 0.25], rtol=1e-5)


def test_where_nothing_is_likely_background_is_asked_even_if_no_class_is_known(make_targets):
    # As at the start, when every score is the prior.
    nothing = np.zeros((1, 3), bool)
    cost, _ = cost_and_slope(make_targets(known=nothing), np.full((4, 3), 0.01))
    np.testing.assert_allclose(cost / math.log(2), [0.99, 1, 0.99, 0], rtol=1e-5)
