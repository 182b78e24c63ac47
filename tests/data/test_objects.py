import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.objects import Objects
from edgedet.data.record import Dataset, Record

IDENTITY = tf.constant([1.0, 1.0]), tf.constant([0.0, 0.0])


def objects_of(*records):
    made = []
    for boxes, labels, ignored in records:
        boxes = np.array(boxes, "float32").reshape(-1, 4)
        arrays = np.array(labels, "int32"), np.array(ignored, bool)
        made.append(Record("none.jpg", boxes, *arrays))
    return Objects(Dataset(made, ("a", "b", "c"), (1, 2, 3)))


def seen(objects, index=0, placed=IDENTITY, min_side=4.0, max_objects=100):
    found = objects.seen(tf.constant(index), *placed, (32, 32), min_side, max_objects)
    return [value.numpy().tolist() for value in found]


def test_a_record_is_asked_about_what_its_set_labels():
    none = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    some = Record("a.jpg", *none, known=np.array([True, False, True]))
    objects = Objects(Dataset([some, Record("b.jpg", *none)], ("a", "b", "c"), (1, 2, 3)))
    assert objects.known(tf.constant(0)).numpy().tolist() == [True, False, True]
    assert objects.known(tf.constant(1)).numpy().tolist() == [True, True, True]


def test_every_record_keeps_its_own():
    objects = objects_of(
        ([[0, 0, 9, 9]], [2], [False]),
        ([], [], []),
        ([[1, 1, 8, 8], [2, 2, 9, 9]], [0, 1], [True, False]),
    )
    assert [len(objects(tf.constant(index))[1]) for index in range(3)] == [1, 0, 2]
    boxes, labels, ignored = objects(tf.constant(2))
    np.testing.assert_array_equal(boxes, [[1, 1, 8, 8], [2, 2, 9, 9]])
    assert labels.numpy().tolist() == [0, 1]
    assert ignored.numpy().tolist() == [True, False]


def test_boxes_are_mapped_and_clipped():
    placed = tf.constant([2.0, 1.0]), tf.constant([-4.0, 3.0])
    boxes, labels, ignored = seen(objects_of(([[1, 1, 10, 10]], [2], [False])), placed=placed)
    # x: 1 * x + 3; y: 2 * y - 4, from -2, which is cut off at 0.
    assert boxes == [[4, 0, 13, 16]]
    assert (labels, ignored) == ([2], [False])


@pytest.mark.parametrize(
    ("box", "asked"),
    [
        # Half of it is to be seen, and a little less.
        ([-8, 4, 8, 12], True),
        ([-9, 4, 8, 12], False),
        # 4 x 4 pixels, a little less, and the mean of 2 and 8.
        ([4, 4, 8, 8], True),
        ([4, 4, 8, 7.9], False),
        ([4, 4, 6, 12], True),
    ],
)
def test_what_is_hardly_seen_is_ignored(box, asked):
    boxes, labels, ignored = seen(objects_of(([box], [1], [False])))
    assert ignored == [not asked]
    # It keeps its label: -1 would be padding, and its points background.
    assert labels == [1]


def test_what_is_not_seen_is_left_out():
    far, beside = [40, 0, 60, 20], [32, 0, 40, 20]
    boxes, labels, ignored = seen(objects_of(([far, [0, 0, 9, 9], beside], [0, 1, 2], [0, 0, 0])))
    assert labels == [1]


def test_regions_stay_regions():
    assert seen(objects_of(([[0, 0, 20, 20]], [0], [True])))[2] == [True]


def test_objects_come_before_regions_and_large_before_small():
    boxes = [[0, 0, 5, 5], [0, 0, 20, 20], [0, 0, 6, 6], [0, 0, 30, 30], [0, 0, 5.1, 5.1]]
    objects = objects_of((boxes, [0, 1, 2, 0, 1], [False, True, False, True, False]))
    found, _, ignored = seen(objects)
    np.testing.assert_allclose([box[2] for box in found], [6, 5.1, 5, 30, 20], 1e-6)
    assert ignored == [False, False, False, True, True]
    np.testing.assert_allclose([box[2] for box in seen(objects, max_objects=2)[0]], [6, 5.1], 1e-6)


def test_a_record_without_objects():
    boxes, labels, ignored = seen(objects_of(([], [], [])))
    assert (boxes, labels, ignored) == ([], [], [])
