import numpy as np
import tensorflow as tf

from edgedet.targets.gather import pick


def test_every_image_is_looked_up_in_its_own():
    array = tf.constant([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(pick(array, tf.constant([[2, 0], [0, 0]])), [[3, 1], [4, 4]])


def test_axes_after_the_looked_up_one_stay_whole():
    array = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    index = np.array([[[0, 4, 2]], [[1, 1, 3]]], "int32")
    found = pick(tf.constant(array), tf.constant(index))
    assert found.shape == (2, 1, 3, 4)
    for image in range(2):
        np.testing.assert_array_equal(found[image], array[image][index[image]])
