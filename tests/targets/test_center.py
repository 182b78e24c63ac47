import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.geometry.points import grid_points
from edgedet.targets import CenterAssigner

EVERYTHING = [(0.0, float("inf"))]


def assign(boxes, labels=None, ignored=None, assigner=None):
    """Assign one image on stride 8 of 32 x 32; return NumPy arrays of that image."""
    assigner = assigner or CenterAssigner((32, 32), (8,), EVERYTHING)
    boxes = np.reshape(np.asarray(boxes, "float32"), (1, -1, 4))
    labels = np.zeros(boxes.shape[1]) if labels is None else labels
    ignored = np.zeros(boxes.shape[1]) if ignored is None else ignored
    labels, ignored = np.array([labels], "int32"), np.array([ignored], bool)
    truth = {"boxes": boxes, "labels": labels, "ignored": ignored, "known": [[True]]}
    found = assigner({name: tf.constant(value) for name, value in truth.items()})
    return {
        name: getattr(found, name).numpy()[0] for name in ("labels", "boxes", "positive", "ignored")
    }


def places(mask, width=4):
    """Return (row, column) of the true points of one level."""
    return np.argwhere(mask.reshape(-1, width)).tolist()


def test_a_box_by_hand():
    # Centre (14, 16), 20 x 10. Along x: points 4, 12, 20 within 1.2 strides, 9.6, are 12 (2 off)
    # and 20 (6 off); 4 is 10 off. Along y the box ends 5 from its centre: 12 and 20 are 4 off.
    found = assign([[4, 11, 24, 21]], labels=[3])
    assert places(found["positive"]) == [[1, 1], [1, 2], [2, 1], [2, 2]]
    np.testing.assert_array_equal(found["labels"], np.where(found["positive"], 3, -1))
    np.testing.assert_array_equal(found["boxes"][found["positive"]], [[4, 11, 24, 21]] * 4)


def test_a_larger_radius_gives_more_points():
    box = [[0, 0, 32, 32]]
    counts = [
        assign(box, assigner=CenterAssigner((32, 32), (8,), EVERYTHING, radius))["positive"].sum()
        for radius in (0.6, 1.2, 1.6)
    ]
    # Points lie 4 and 12 from the centre: within 4.8, 9.6 and 12.8.
    assert counts == [4, 4, 16]


def test_without_any_radius_the_nearest_point_is_positive():
    assigner = CenterAssigner((32, 32), (8,), EVERYTHING, 0.0)
    found = assign([[1, 1, 30, 29]], assigner=assigner)
    assert places(found["positive"]) == [[1, 1]]


def test_points_outside_the_box_are_not_asked_for_it():
    # 12 high: rows 12 and 20 are 4 off the centre, half the height is 6; 10 wide on a column.
    found = assign([[7, 10, 17, 22]])
    assert places(found["positive"]) == [[1, 1], [2, 1]]


def test_the_smaller_object_gets_the_point():
    for boxes, labels in [
        ([[4, 4, 28, 28], [10, 10, 14, 14]], [1, 2]),
        ([[10, 10, 14, 14], [4, 4, 28, 28]], [2, 1]),
    ]:
        found = assign(boxes, labels)
        expected = np.full((4, 4), -1)
        expected[1:3, 1:3] = 1
        expected[1, 1] = 2
        np.testing.assert_array_equal(found["labels"].reshape(4, 4), expected)
        np.testing.assert_array_equal(found["boxes"].reshape(4, 4, 4)[1, 1], [10, 10, 14, 14])


def test_of_equal_objects_the_first_gets_the_point():
    for lying, standing in [(0, 1), (1, 0)]:
        boxes = np.zeros((2, 4))
        boxes[lying], boxes[standing] = [8, 10, 16, 14], [10, 8, 14, 16]
        assert assign(boxes, [5, 6])["labels"].reshape(4, 4)[1, 1] == 5


@given(st.floats(0, 32, width=32), st.floats(0, 32, width=32), st.floats(0, 3, width=32))
@settings(max_examples=30, deadline=None)
def test_the_tiniest_object_gets_a_point_nearby(x, y, side):
    found = assign([[x - side / 2, y - side / 2, x + side / 2, y + side / 2]])
    points = grid_points((32, 32), (8,))[0][found["positive"]]
    assert len(points) >= 1
    assert (np.abs(points - [x, y]) <= 4 + 1e-3).all()


def test_levels_take_objects_by_size():
    assigner = CenterAssigner((64, 64), (8, 16), [(0, 20), (16, 40)])
    levels = np.repeat([0, 1], [64, 16])
    for side, expected in [
        # Sides of 10 x 40 mean 20, which both ends include; 16 belongs to both as well.
        ((12, 12), {0}),
        ((16, 16), {0, 1}),
        ((10, 40), {0, 1}),
        ((21, 21), {1}),
        ((40, 40), {1}),
        ((41, 41), set()),
    ]:
        width, height = side
        box = [[32 - width / 2, 32 - height / 2, 32 + width / 2, 32 + height / 2]]
        found = assign(box, assigner=assigner)
        assert set(levels[found["positive"]]) == expected, side


def test_no_boxes_at_all():
    found = assign(np.zeros((0, 4)))
    assert not found["positive"].any()
    assert not found["ignored"].any()
    assert (found["labels"] == -1).all()


def test_padding_is_nobody():
    found = assign([[0, 0, 32, 32], [0, 0, 32, 32]], labels=[-1, -1], ignored=[False, True])
    assert not found["positive"].any()
    assert not found["ignored"].any()


def test_ignore_regions_ask_nothing_but_of_objects():
    found = assign([[0, 0, 20, 32], [9, 9, 15, 15]], labels=[0, 1], ignored=[True, False])
    # The region holds columns 4, 12 and 20; the object keeps its point.
    expected = np.zeros((4, 4), bool)
    expected[:, :3] = True
    expected[1, 1] = False
    np.testing.assert_array_equal(found["ignored"].reshape(4, 4), expected)
    assert places(found["positive"]) == [[1, 1]]


def test_a_region_without_a_point_silences_the_nearest():
    found = assign([[13, 13, 14, 14]], ignored=[True])
    assert places(found["ignored"]) == [[1, 1]]


def test_regions_silence_all_levels():
    assigner = CenterAssigner((64, 64), (8, 16), [(0, 20), (16, 40)])
    found = assign([[0, 0, 64, 64]], ignored=[True], assigner=assigner)
    assert found["ignored"].all()


def test_the_points_are_those_of_the_levels():
    assigner = CenterAssigner((32, 48), (8, 16), [(0, 9), (9, 99)])
    truth = {
        "boxes": tf.zeros([2, 3, 4]),
        "labels": tf.zeros([2, 3], tf.int32),
        "ignored": tf.zeros([2, 3], tf.bool),
        "known": tf.constant([[True, False], [True, True]]),
    }
    found = assigner(truth)
    np.testing.assert_array_equal(found.known, truth["known"])
    points, strides = grid_points((32, 48), (8, 16))
    np.testing.assert_array_equal(found.points, points)
    np.testing.assert_array_equal(found.strides, strides)
    assert found.positive.shape == (2, 24 + 6)
    assert found.boxes.shape == (2, 24 + 6, 4)


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_loop_over_points_and_boxes(random_boxes, seed):
    size, strides, ranges, radius = (64, 96), (8, 16), ((0, 20), (14, 70)), 1.2
    boxes, labels = random_boxes(seed, 10), np.arange(10)
    ignored = np.arange(10) % 4 == 3
    found = assign(boxes, labels, ignored, CenterAssigner(size, strides, ranges, radius))
    points, point_strides = grid_points(size, strides)
    for place, (point, stride) in enumerate(zip(points, point_strides, strict=True)):
        low, high = ranges[strides.index(stride)]
        best, smallest, region = -1, np.inf, False
        for index, box in enumerate(boxes):
            half = (box[2:] - box[:2]) / 2
            off = np.abs(point - (box[:2] + box[2:]) / 2)
            mean_side = 2 * np.sqrt(half[0] * half[1])
            near = off <= np.maximum(np.minimum(half, radius * stride), stride / 2)
            inside = off <= np.maximum(half, stride / 2)
            region |= bool(ignored[index] and inside.all())
            if ignored[index] or not near.all() or not low <= mean_side <= high:
                continue
            if mean_side < smallest:
                best, smallest = index, mean_side
        assert found["labels"][place] == best
        assert found["ignored"][place] == (region and best < 0)
        if best >= 0:
            np.testing.assert_array_equal(found["boxes"][place], boxes[best])
