import inspect
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgedet.geometry import boxes

# (a, b, IoU, GIoU, DIoU), each worked by hand.
OVERLAPS = [
    # The same box.
    ([0, 0, 2, 2], [0, 0, 2, 2], 1, 1, 1),
    # Shared 1, union 7, hull 9; centres 1, 1 apart in a hull of diagonal^2 18.
    ([0, 0, 2, 2], [1, 1, 3, 3], 1 / 7, 1 / 7 - 2 / 9, 1 / 7 - 2 / 18),
    # A quarter of the larger box, no part of the hull empty; centres 1, 1 apart of 32.
    ([0, 0, 4, 4], [0, 0, 2, 2], 1 / 4, 1 / 4, 1 / 4 - 2 / 32),
    # Side by side with a gap of one: hull 3, union 2; centres 2 apart, diagonal^2 10.
    ([0, 0, 1, 1], [2, 0, 3, 1], 0, -1 / 3, -4 / 10),
    # They touch: nothing shared, nothing empty between them; diagonal^2 5.
    ([0, 0, 1, 1], [1, 0, 2, 1], 0, 0, -1 / 5),
    # Lying and standing: shared 4, union 12, hull 16; centres 1, 1 apart of 32.
    ([0, 0, 4, 2], [0, 0, 2, 4], 1 / 3, 1 / 3 - 4 / 16, 1 / 3 - 2 / 32),
    # A line inside a box shares no area with it.
    ([1, 0, 1, 2], [0, 0, 2, 2], 0, 0, 0),
    # A box with a negative side has no area.
    ([2, 0, 1, 2], [0, 0, 2, 2], 0, 0, -(0.5**2) / 8),
    # Two empty boxes in one place: no overlap, and no division by zero.
    ([1, 1, 1, 1], [1, 1, 1, 1], 0, 0, 0),
]
A, B = (np.array([row[side] for row in OVERLAPS], "float32") for side in (0, 1))

sides = st.floats(-500, 500, width=32)
corner_pairs = arrays("float32", (6, 2, 2), elements=sides)


def ordered(corners):
    return np.sort(corners, axis=1).reshape(-1, 4)


@pytest.mark.parametrize(("function", "column"), [("iou", 2), ("giou", 3), ("diou", 4)])
def test_overlaps_by_hand(asarray, function, column):
    overlap = getattr(boxes, function)(asarray(A), asarray(B))
    np.testing.assert_allclose(overlap, [row[column] for row in OVERLAPS], atol=1e-6)


def test_ciou_by_hand(asarray):
    # Lying 4x2 and standing 2x4: arctan 2 - arctan 1/2 = arctan 3/4 = 0.643501; the penalty is
    # 4 / pi^2 * 0.643501^2 = 0.167824, its weight 0.167824 / (1 - 1/3 + 0.167824) = 0.201108.
    a, b = asarray([0, 0, 4, 2]), asarray([0, 0, 2, 4])
    np.testing.assert_allclose(boxes.ciou(a, b), 13 / 48 - 0.201108 * 0.167824, atol=1e-5)


def test_ciou_is_diou_for_one_aspect_ratio(asarray):
    a, b = asarray([[0, 0, 4, 2]]), asarray([[1, 1, 9, 5]])
    np.testing.assert_allclose(boxes.ciou(a, b), boxes.diou(a, b), atol=1e-6)


def test_area(asarray):
    # 4x2; a line; both sides negative, whose product would be positive.
    found = boxes.area(asarray([[0, 0, 4, 2], [1, 0, 1, 5], [3, 3, 1, 1]]))
    np.testing.assert_array_equal(found, [8, 0, 0])


def test_pairwise_iou_is_iou_of_every_pair(asarray):
    found = np.asarray(boxes.pairwise_iou(asarray(A), asarray(B[:4])))
    pairs = [[float(boxes.iou(a, b)) for b in B[:4]] for a in A]
    np.testing.assert_allclose(found, pairs, atol=1e-6)


def test_pairwise_iou_keeps_images_apart(asarray):
    batch = asarray(np.stack([A, B]))
    found = np.asarray(boxes.pairwise_iou(batch, batch[:, :2]))
    assert found.shape == (2, len(A), 2)
    np.testing.assert_allclose(found[1], boxes.pairwise_iou(B, B[:2]), atol=1e-6)


@pytest.mark.parametrize("count", [0, 3])
def test_no_boxes_give_no_overlaps(asarray, count):
    none, some = np.zeros((0, 4)), np.ones((count, 4))
    assert tuple(boxes.pairwise_iou(asarray(none), asarray(some)).shape) == (0, count)


def test_clip(asarray):
    # An image 30 high and 20 wide; a box beyond every side, one wholly outside.
    found = boxes.clip(asarray([[-5, -5, 50, 50], [25, 35, 40, 60], [1, 2, 3, 4]]), (30, 20))
    np.testing.assert_array_equal(found, [[0, 0, 20, 30], [20, 30, 20, 30], [1, 2, 3, 4]])


def test_conversions_by_hand(asarray):
    box = asarray([[10, 20, 16, 30]])
    np.testing.assert_array_equal(boxes.xyxy_to_xywh(box), [[10, 20, 6, 10]])
    np.testing.assert_array_equal(boxes.xyxy_to_cxcywh(box), [[13, 25, 6, 10]])
    np.testing.assert_array_equal(boxes.xywh_to_xyxy(asarray([[10, 20, 6, 10]])), box)
    np.testing.assert_array_equal(boxes.cxcywh_to_xyxy(asarray([[13, 25, 6, 10]])), box)


@given(corner_pairs)
def test_conversions_undo_each_other(corners):
    truth = ordered(corners)
    for back, forth in [
        (boxes.xywh_to_xyxy, boxes.xyxy_to_xywh),
        (boxes.cxcywh_to_xyxy, boxes.xyxy_to_cxcywh),
    ]:
        np.testing.assert_allclose(back(forth(truth)), truth, atol=1e-3)


@given(corner_pairs, corner_pairs)
def test_laws_of_overlap(corners_a, corners_b):
    a, b = ordered(corners_a), ordered(corners_b)
    values = {name: getattr(boxes, name)(a, b) for name in ("iou", "giou", "diou", "ciou")}
    for name, value in values.items():
        assert np.isfinite(value).all(), name
        np.testing.assert_allclose(value, getattr(boxes, name)(b, a), atol=1e-5)
    assert (values["iou"] >= 0).all() and (values["iou"] <= 1 + 1e-5).all()
    assert (values["giou"] >= -1 - 1e-5).all()
    assert (values["giou"] <= values["iou"] + 1e-5).all()
    assert (values["diou"] <= values["iou"] + 1e-5).all()
    assert (values["ciou"] <= values["diou"] + 1e-5).all()


@pytest.mark.parametrize("function", [boxes.iou, boxes.giou, boxes.diou, boxes.ciou])
def test_gradients_are_slopes(function):
    generator = np.random.default_rng(3)
    a = ordered(generator.uniform(0, 20, (8, 2, 2))) + [0, 0, 1, 1]
    b = ordered(generator.uniform(0, 20, (8, 2, 2))) + [0, 0, 1, 1]
    variable, step = tf.constant(a), 1e-6
    with tf.GradientTape() as tape:
        tape.watch(variable)
        value = function(variable, tf.constant(b))
    gradient = tape.gradient(value, variable).numpy()
    for side, nudge in enumerate(step * np.eye(4)):
        slope = (function(a + nudge, b) - function(a - nudge, b)) / (2 * step)
        np.testing.assert_allclose(gradient[:, side], slope, rtol=1e-4, atol=1e-7)


def test_gradients_are_finite_for_empty_boxes():
    for name in ("iou", "giou", "diou", "ciou"):
        a, b = tf.constant(A), tf.constant(B)
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            value = getattr(boxes, name)(a, b)
        for gradient in tape.gradient(value, [a, b]):
            assert np.isfinite(gradient.numpy()).all(), name


def test_each_world_keeps_its_arrays():
    pairwise = {"iou", "giou", "diou", "ciou", "intersection", "pairwise_iou"}
    public = {
        name: function
        for name, function in inspect.getmembers(boxes, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == boxes.__name__
    }
    for name, function in public.items():
        extra = (B,) if name in pairwise else ((30, 20),) if name == "clip" else ()
        assert isinstance(function(A, *extra), np.ndarray), name
        assert function(A, *extra).dtype == np.float32, name
        tensor = function(keras.ops.convert_to_tensor(A), *extra)
        assert keras.ops.is_tensor(tensor), name
        np.testing.assert_allclose(tensor, function(A, *extra), atol=1e-6, err_msg=name)


def test_the_penalty_of_ciou_is_at_most_one():
    # A line lying and a line standing are as unlike as boxes can be: an angle of pi / 2.
    lying, standing = np.array([0.0, 0, 1e6, 1e-3]), np.array([0.0, 0, 1e-3, 1e6])
    penalty = boxes.diou(lying, standing) - boxes.ciou(lying, standing)
    assert math.isclose(penalty, 1 * 1 / (1 + 1), rel_tol=1e-4)
