import numpy as np
import tensorflow as tf

from edgedet.data.record import Dataset, Record
from edgedet.data.source.objects import Objects


def objects_of(*records, broken=None):
    made = []
    for boxes, labels, ignored in records:
        boxes = np.array(boxes, "float32").reshape(-1, 4)
        arrays = np.array(labels, "int32"), np.array(ignored, bool)
        made.append(Record("none.jpg", boxes, *arrays))
    return Objects(Dataset(made, ("a", "b", "c"), (1, 2, 3)), broken)


THREE = (
    ([[0, 0, 9, 9]], [2], [False]),
    ([], [], []),
    ([[1, 1, 8, 8], [2, 2, 9, 9]], [0, 1], [True, False]),
)


def test_a_record_is_asked_about_what_its_set_labels():
    none = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    some = Record("a.jpg", *none, known=np.array([True, False, True]))
    objects = Objects(Dataset([some, Record("b.jpg", *none)], ("a", "b", "c"), (1, 2, 3)))
    known = objects.known(tf.constant([0, 1], tf.int64))
    np.testing.assert_array_equal(known, [[True, False, True], [True, True, True]])


def test_every_record_keeps_its_own():
    boxes, labels, ignored = objects_of(*THREE)(tf.constant([[2], [0], [1]], tf.int64))
    np.testing.assert_array_equal(labels, [[[0, 1]], [[2, -1]], [[-1, -1]]])
    np.testing.assert_array_equal(boxes[0, 0], [[1, 1, 8, 8], [2, 2, 9, 9]])
    np.testing.assert_array_equal(boxes[1, 0], [[0, 0, 9, 9], [0, 0, 0, 0]])
    np.testing.assert_array_equal(ignored, [[[True, False]], [[False, False]], [[False, False]]])


def test_records_without_objects():
    boxes, labels, ignored = objects_of(([], [], []))(tf.constant([0, 0], tf.int64))
    assert boxes.shape == (2, 0, 4)
    assert labels.shape == ignored.shape == (2, 0)
    assert not objects_of(([], [], [])).choose(tf.constant([0]), tf.constant([0.5]))[1].numpy()


def test_nothing_is_asked_about_a_broken_image():
    objects = objects_of(*THREE, broken=np.array([True, False, False]))
    index = tf.constant([0, 2], tf.int64)
    _, _, ignored = objects(index)
    np.testing.assert_array_equal(ignored, [[True, False], [True, False]])
    _, exists = objects.choose(index, tf.constant([0.5, 0.5]))
    np.testing.assert_array_equal(exists, [False, True])


def test_any_object_that_is_not_ignored_may_be_chosen():
    boxes = [[i, i, i + 9, i + 9] for i in range(5)]
    objects = objects_of(THREE[2], (boxes, [0] * 5, [False, True, False, False, True]))
    draws = tf.constant(np.arange(300) / 300, tf.float32)
    found, exists = objects.choose(tf.ones([300], tf.int64), draws)
    assert exists.numpy().all()
    places, counts = np.unique(found[:, 0], return_counts=True)
    assert places.tolist() == [0, 2, 3]
    assert counts.min() >= 99
    only, _ = objects.choose(tf.constant([0], tf.int64), tf.constant([0.999999]))
    np.testing.assert_array_equal(only, [[2, 2, 9, 9]])
