import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.flip import flip_boxes, mirror
from edgedet.geometry.boxes import area

WIDTH = 32


@st.composite
def some_boxes(draw):
    corners = draw(st.lists(st.tuples(*[st.integers(0, 8 * WIDTH)] * 4), min_size=1, max_size=5))
    # Eighths of pixels, so that subtracting loses nothing.
    corners = np.array(corners, "float32").reshape(-1, 2, 2) / 8
    return tf.constant(np.sort(corners, axis=1).reshape(-1, 4))


def test_mirror_by_hand():
    found = mirror(tf.constant([[2.0, 3, 10, 7]]), WIDTH)
    np.testing.assert_array_equal(found, [[22, 3, 30, 7]])


@given(some_boxes())
@settings(deadline=None)
def test_mirroring_twice_is_nothing(boxes):
    np.testing.assert_array_equal(mirror(mirror(boxes, WIDTH), WIDTH), boxes)


@given(some_boxes())
@settings(deadline=None)
def test_boxes_stay_in_the_image_and_keep_their_area_and_height(boxes):
    after = mirror(boxes, WIDTH).numpy()
    assert after.min() >= 0 and after[:, [0, 2]].max() <= WIDTH
    assert (after[:, 2] >= after[:, 0]).all()
    np.testing.assert_array_equal(area(after), area(boxes.numpy()))
    np.testing.assert_array_equal(after[:, [1, 3]], boxes.numpy()[:, [1, 3]])


def test_only_chosen_samples_are_mirrored():
    boxes = tf.constant(np.random.default_rng(0).uniform(0, 32, (4, 3, 4)), tf.float32)
    chosen = np.array([True, False, False, True])
    after = flip_boxes(boxes, tf.constant(chosen), WIDTH)
    np.testing.assert_array_equal(after[~chosen], boxes[~chosen])
    np.testing.assert_array_equal(after[chosen], mirror(boxes[chosen], WIDTH))
