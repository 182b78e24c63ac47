import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses.contrast import contrast_loss


def test_by_hand():
    logits = tf.constant([[0.0, np.log(3.0)], [2.0, 2.0], [5.0, -5.0]], "float32")
    named = tf.constant([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    # The softmax is (1/4, 3/4) and (1/2, 1/2); the third point is background.
    expected = [[np.log(4.0), 0.0], [0.0, np.log(2.0)], [0.0, 0.0]]
    np.testing.assert_allclose(contrast_loss(logits, named), expected, rtol=1e-6)


def test_how_sure_of_anything_does_not_count():
    generator = np.random.default_rng(0)
    logits, named = generator.normal(0, 3, (5, 4)).astype("float32"), np.eye(4)[[0, 1, 2, 3, 1]]
    named = tf.constant(named, "float32")
    lifted = logits + generator.normal(0, 5, (5, 1)).astype("float32")
    np.testing.assert_allclose(
        contrast_loss(tf.constant(lifted), named),
        contrast_loss(tf.constant(logits), named),
        atol=1e-5,
    )


def test_the_gradient_is_softmax_less_truth():
    logits = tf.Variable([[1.0, -2.0, 0.5]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(contrast_loss(logits, tf.constant([[0.0, 1.0, 0.0]])))
    expected = tf.nn.softmax(logits).numpy() - [[0.0, 1.0, 0.0]]
    np.testing.assert_allclose(tape.gradient(loss, logits), expected, atol=1e-6)


@pytest.mark.parametrize("far", [200.0, -200.0])
def test_it_is_finite(far):
    loss = contrast_loss(tf.constant([[far, 0.0]]), tf.constant([[0.0, 1.0]]))
    np.testing.assert_allclose(loss, [[0.0, max(far, 0.0)]], atol=1e-6)
