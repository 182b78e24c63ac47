import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.seen import seen, select
from edgedet.geometry.boxes import area

SIDE = 32
ALL = [0, 0, SIDE, SIDE]


def look(*layers, scale=(1.0, 1.0), offset=(0.0, 0.0), min_side=4.0, max_objects=100):
    """Return boxes, labels and ignored of one sample.

    Each layer is (boxes, labels, ignored), or these with its window and whether it covers.
    """
    layers = [(*layer, ALL, False)[:5] if len(layer) == 3 else layer for layer in layers]
    most = max(len(labels) for _, labels, *_ in layers)
    boxes = np.zeros((1, len(layers), most, 4), "float32")
    labels, ignored = np.full((1, len(layers), most), -1, "int32"), np.zeros(boxes.shape[:3], bool)
    for i, layer in enumerate(layers):
        count = len(layer[1])
        boxes[0, i, :count] = np.reshape(layer[0], (-1, 4))
        labels[0, i, :count], ignored[0, i, :count] = layer[1], layer[2]
    views = (tf.constant([[pair] * len(layers)], tf.float32) for pair in (scale, offset))
    windows = tf.constant([[layer[3] for layer in layers]], tf.float32)
    covers = tf.constant([[layer[4] for layer in layers]])
    objects = tf.constant(boxes), tf.constant(labels), tf.constant(ignored)
    found = select(*seen(objects, *views, windows, covers), min_side, max_objects)
    return [found[name][0].numpy().tolist() for name in ("boxes", "labels", "ignored")]


def test_boxes_are_mapped_and_clipped():
    found = look(([[1, 1, 10, 10]], [2], [False]), scale=(2.0, 1.0), offset=(-4.0, 3.0))
    # x: 1 * x + 3; y: 2 * y - 4, from -2, which is cut off at 0.
    assert found == [[[4, 0, 13, 16]], [2], [False]]


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
    boxes, labels, ignored = look(([box], [1], [False]))
    assert ignored == [not asked]
    # It keeps its label: -1 would be padding, and its points background.
    assert labels == [1]


def test_what_is_not_seen_is_left_out():
    far, beside = [40, 0, 60, 20], [32, 0, 40, 20]
    assert look(([far, [0, 0, 9, 9], beside], [0, 1, 2], [0, 0, 0]))[1] == [1]


def test_regions_stay_regions():
    assert look(([[0, 0, 20, 20]], [0], [True]))[2] == [True]


def test_objects_come_before_regions_and_large_before_small():
    boxes = [[0, 0, 5, 5], [0, 0, 20, 20], [0, 0, 6, 6], [0, 0, 30, 30], [0, 0, 5.1, 5.1]]
    layer = boxes, [0, 1, 2, 0, 1], [False, True, False, True, False]
    found, _, ignored = look(layer)
    np.testing.assert_allclose([box[2] for box in found], [6, 5.1, 5, 30, 20], 1e-6)
    assert ignored == [False, False, False, True, True]
    np.testing.assert_allclose([box[2] for box in look(layer, max_objects=2)[0]], [6, 5.1], 1e-6)


def test_a_record_without_objects():
    assert look(([], [], [])) == [[], [], []]


def test_samples_are_padded_to_the_largest():
    boxes = tf.constant([[[0, 0, 9, 9], [0, 0, 8, 8]], [[0, 0, 7, 7], [5, 5, 9, 9]]], tf.float32)
    labels = tf.constant([[0, 1], [-1, -1]])
    found = select(boxes, labels, tf.constant([[False, False], [True, True]]), 4.0, 100)
    np.testing.assert_array_equal(found["boxes"], [[[0, 0, 9, 9], [0, 0, 8, 8]], np.zeros((2, 4))])
    np.testing.assert_array_equal(found["labels"], [[0, 1], [-1, -1]])
    assert not found["ignored"].numpy().any()


def test_each_part_shows_its_own():
    # Two parts side by side; both have an object across the seam at 16.
    box = [[8, 4, 20, 12]]
    left = box, [0], [False], [0, 0, 16, SIDE], True
    right = box, [1], [False], [16, 0, SIDE, SIDE], True
    boxes, labels, ignored = look(left, right)
    # Two thirds of it on the left are asked for, one third on the right is not.
    assert boxes == [[8, 4, 16, 12], [16, 4, 20, 12]]
    assert (labels, ignored) == ([0, 1], [False, True])


@pytest.mark.parametrize(
    ("window", "asked"),
    [
        # Of 16 x 8 pixels a half, a little more, all, and nothing are under it.
        ([8, 0, 16, 20], True),
        ([7, 0, 16, 20], False),
        ([0, 0, 32, 32], False),
        ([16, 0, 32, 32], True),
    ],
)
def test_what_is_mostly_covered_is_ignored(window, asked):
    below = [[0, 4, 16, 12]], [0], [False], ALL, False
    above = [[window[0], window[1], window[2], window[3]]], [1], [False], window, True
    boxes, labels, ignored = look(below, above)
    assert ignored[labels.index(0)] == (not asked)
    # What covers is itself seen, and a box that is half covered stays whole.
    assert ignored[labels.index(1)] is False
    assert boxes[labels.index(0)] == [0, 4, 16, 12]


def test_what_shows_through_covers_nothing():
    below = [[0, 4, 16, 12]], [0], [False], ALL, False
    above = [[4, 4, 20, 30]], [1], [False], ALL, False
    assert look(below, above)[2] == [False, False]


sides = st.floats(-40, 72, width=16)


@given(st.lists(st.tuples(sides, sides, sides, sides), min_size=1, max_size=6), st.floats(0.25, 4))
@settings(max_examples=60, deadline=None)
def test_boxes_stay_inside_the_input_with_their_labels(corners, scale):
    boxes = np.sort(np.array(corners, "float32").reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    labels = list(range(len(boxes)))
    layer = boxes, labels, [False] * len(boxes)
    found, names, ignored = look(layer, scale=(scale, scale), min_side=0.0)
    found = np.array(found, "float32").reshape(-1, 4)
    assert found.min(initial=0) >= 0 and found.max(initial=0) <= SIDE
    full = boxes * np.float32(scale)
    for box, name, unasked in zip(found, names, ignored, strict=True):
        np.testing.assert_allclose(box, np.clip(full[name], 0, SIDE), atol=1e-4)
        share = area(box) / max(area(full[name]), 1e-7)
        assert unasked == (share < 0.5) or abs(share - 0.5) < 1e-3
    # Whatever is in sight is there.
    assert len(names) == np.sum(area(np.clip(full, 0, SIDE)) > 0)
