import numpy as np
import pytest
import tensorflow as tf

from edgedet.geometry import boxes as overlap
from edgedet.losses import ciou_loss, diou_loss, giou_loss, iou_loss

FAMILY = [iou_loss, giou_loss, diou_loss, ciou_loss]


@pytest.mark.parametrize(
    ("predicted", "box", "expected"),
    [
        # The same box costs nothing.
        ([0, 0, 2, 2], [0, 0, 2, 2], (0, 0, 0, 0)),
        # Shared 1, union 7, hull 9; centres 2 apart (squared), diagonal 18; squares all of them.
        ([0, 0, 2, 2], [1, 1, 3, 3], (6 / 7, 6 / 7 + 2 / 9, 6 / 7 + 1 / 9, 6 / 7 + 1 / 9)),
        # Apart: IoU knows only that; the hull is a third empty; centres 4 of 10 apart.
        ([0, 0, 1, 1], [2, 0, 3, 1], (1, 4 / 3, 1.4, 1.4)),
        # Side by side without a gap: union and hull are one.
        ([0, 0, 1, 1], [1, 0, 2, 1], (1, 1, 1.2, 1.2)),
    ],
)
def test_by_hand(predicted, box, expected):
    predicted, box = tf.constant([predicted], "float32"), tf.constant([box], "float32")
    for loss, value in zip(FAMILY, expected, strict=True):
        np.testing.assert_allclose(loss(predicted, box), [value], atol=1e-6, err_msg=loss.__name__)


def test_each_is_one_less_its_overlap():
    corners = np.sort(np.random.default_rng(1).uniform(0, 9, (2, 6, 2, 2)), axis=2)
    predicted, boxes = tf.constant(corners.reshape(2, 6, 4))
    for loss in FAMILY:
        value = getattr(overlap, loss.__name__.removesuffix("_loss"))(predicted, boxes)
        np.testing.assert_allclose(loss(predicted, boxes), 1 - value, atol=1e-12)


@pytest.mark.parametrize("loss", FAMILY)
def test_gradients_are_slopes(loss, check_slope):
    # Overlapping, inside, around, and apart.
    predicted = [[0, 0, 3, 2], [4, 4.5, 5, 6], [0, 0, 9, 8], [20, 20, 22, 23]]
    boxes = [[1, 0.5, 4, 3], [3, 3, 7, 7], [2, 3, 4, 5], [1, 1, 2, 3]]
    check_slope(lambda x: loss(x, tf.constant(boxes, "float64")), predicted)


@pytest.mark.parametrize("loss", FAMILY)
def test_descent_finds_the_box(loss):
    # From an overlap, every one of them leads home.
    predicted, box = tf.Variable([[10.0, 10, 30, 26]]), tf.constant([[14.0, 12, 40, 40]])

    @tf.function
    def descend(size):
        with tf.GradientTape() as tape:
            value = loss(predicted, box)
        predicted.assign_sub(size * tf.sign(tape.gradient(value, predicted)))

    for step in range(250):
        descend(tf.constant(0.5 * 0.98**step))
    assert float(overlap.iou(predicted, box)[0]) > 0.95


def test_boxes_that_lie_apart_still_attract():
    predicted, box = tf.constant([[0.0, 0, 2, 2]]), tf.constant([[10.0, 10, 12, 12]])
    for loss in FAMILY:
        with tf.GradientTape() as tape:
            tape.watch(predicted)
            value = loss(predicted, box)
        # The right side moves right and the lower one down, but for IoU, which sees nothing.
        moves = -tape.gradient(value, predicted).numpy()[0, 2:]
        assert (moves > 0).all() != (loss is iou_loss), loss.__name__
