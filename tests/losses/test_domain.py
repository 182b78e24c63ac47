import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses.domain import domain_loss

# Of one image: the second of the four points, which is positive, is nearly sure of domain 1.
LOGITS = np.zeros((1, 4, 5), "float32")
LOGITS[0, 1, 1] = 4.0


def cost(make_targets, logits=LOGITS, domain=1):
    targets = make_targets(domain=np.array([domain]))
    return domain_loss(tf.constant(logits), targets).numpy()


def test_by_hand(make_targets):
    # The mean over the points says 1 for domain 1 and 0 for the others.
    whole = np.log(np.exp(1) + 4) - 1
    each = np.log(np.exp(4) + 4) - 4
    expected = [whole / 4, each + whole / 4, whole / 4, whole / 4]
    np.testing.assert_allclose(cost(make_targets)[0], expected, rtol=1e-5)


def test_another_domain_costs_more(make_targets):
    assert cost(make_targets, domain=0).sum() > cost(make_targets).sum() + 4


def test_an_unknown_domain_costs_nothing(make_targets):
    assert not cost(make_targets, domain=-1).any()


def test_an_image_without_objects_says_its_domain_too(make_targets):
    targets = make_targets(domain=np.array([3]), positive=np.zeros((1, 4), bool))
    assert domain_loss(tf.zeros([1, 4, 5]), targets).numpy().sum() == pytest.approx(np.log(5))


def test_its_slope(make_targets):
    targets = make_targets(domain=np.array([2]))
    logits = tf.constant(np.random.default_rng(0).normal(0, 1, (1, 4, 5)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(domain_loss(logits, targets))
    gradient = tape.gradient(total, logits).numpy()
    # A softmax minus what is wanted: nothing in sum; the background learns of the image alone.
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-6)
    assert np.abs(gradient[0, 1]).max() > 4 * np.abs(gradient[0, 0]).max()
