import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.cutout import SIDES, cut_out, cutout_boxes
from edgedet.geometry.boxes import area, intersection
from edgedet.geometry.letterbox import PADDING

INPUT = (64, 96)


def holes_of(boxes, draws, probability=1.0):
    boxes = tf.constant(np.reshape(boxes, (1, -1, 4)), tf.float32)
    return cutout_boxes(probability, boxes, INPUT, tf.constant([draws], tf.float32)).numpy()[0]


share = st.floats(0, 1, exclude_max=True, width=32)
side = st.integers(0, 64)


@given(st.lists(st.tuples(side, side, side, side), max_size=5), st.tuples(*[share] * 5))
@settings(max_examples=80, deadline=None)
def test_no_object_loses_more_than_half(corners, draws):
    boxes = np.sort(np.array(corners, "float32").reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    hole = holes_of(boxes, draws)
    assert hole.min() >= 0 and (hole[2:] <= INPUT[::-1]).all()
    assert (intersection(boxes, hole[None]) <= 0.5 * area(boxes) + 1e-3).all()
    # It is left out only for the sake of an object.
    assert area(hole) > 0 or len(boxes)


def test_the_size_of_the_rectangle():
    for draw, share_of_side in ((0.0, SIDES[0]), (0.999999, SIDES[1])):
        hole = holes_of([], [0.0, draw, draw, 0.5, 0.5])
        np.testing.assert_allclose(
            hole[2:] - hole[:2], np.round(share_of_side * np.array([96, 64]))
        )


def test_a_share_of_the_samples():
    assert holes_of([], [0.29, 0.5, 0.5, 0.5, 0.5], 0.3).any()
    assert not holes_of([], [0.31, 0.5, 0.5, 0.5, 0.5], 0.3).any()


def test_what_is_cut_out_is_grey_and_nothing_else_changes():
    images = np.random.default_rng(0).uniform(0, 1, (2, 64, 96, 3)).astype("float32")
    holes = tf.constant([[10, 20, 30, 25], [0, 0, 0, 0]], tf.float32)
    after = cut_out(tf.constant(images), holes).numpy()
    expected = images.copy()
    expected[0, 20:25, 10:30] = PADDING / 255
    np.testing.assert_array_equal(after, expected)
