import numpy as np
import pytest
import tensorflow as tf

from edgedet.geometry import ltrb
from edgedet.geometry.boxes import iou
from edgedet.geometry.points import grid_points
from edgedet.targets import TaskAlignedAssigner

A = [0.0, 0, 20, 20]


def assign(said, logits, objects=(A,), most=2):
    """Return the object and the quality of each point that has one, `{(x, y): (i, quality)}`.

    Points of stride 8 in 32 x 32; those that are not in `said` predict a box without area.
    """
    points, strides = grid_points((32, 32), (8,))
    raw = {"box_ltrb": np.zeros((1, 16, 4)), "class_logits": np.zeros((1, 16, 1))}
    for place, point in enumerate(map(tuple, points)):
        if point in said:
            box = np.array(said[point], "float32")
            raw["box_ltrb"][0, place] = ltrb.encode(box, points[place], strides[place])
        raw["class_logits"][0, place] = logits.get(point, 0.0)
    truth = {
        "boxes": np.array([objects], "float32"),
        "labels": np.zeros((1, len(objects)), "int32"),
        "ignored": np.zeros((1, len(objects)), bool),
        "known": np.ones((1, 1), bool),
    }
    raw = {name: tf.constant(value, tf.float32) for name, value in raw.items()}
    found = TaskAlignedAssigner((32, 32), (8,), most)(truth, raw)
    assert not found.quality.numpy()[~found.positive.numpy()].any()
    index = {tuple(box): number for number, box in enumerate(objects)}
    return {
        tuple(points[place]): (
            index[tuple(found.boxes[0, place].numpy())],
            pytest.approx(float(found.quality[0, place]), abs=1e-5),
        )
        for place in np.flatnonzero(found.positive[0])
    }


def logit(score):
    return np.log(score / (1 - score))


def test_by_hand():
    said = {(4, 4): A, (12, 4): [0, 0, 20, 16], (4, 12): [0, 0, 10, 20]}
    logits = {(4, 4): logit(0.1), (12, 4): logit(0.9), (4, 12): logit(0.9)}
    # s u^6: 0.1; 0.9 * 0.8^6 = 0.2359; 0.9 * 0.5^6 = 0.0141. The two best, and the best of
    # them is to say the best IoU, 1; the other 0.1 / 0.2359 of it.
    assert assign(said, logits) == {(12, 4): (0, 1.0), (4, 4): (0, 0.1 / (0.9 * 0.8**6))}


def test_where_two_want_a_point_the_better_box_decides():
    # The point says B whole, 0.8 of A: B gets it, and A the next.
    b = [0.0, 0, 20, 16]
    found = assign({(12, 4): b, (4, 4): [0, 0, 10, 20]}, {}, (A, b), most=1)
    assert found == {(12, 4): (1, 1.0)}
    found = assign({(12, 4): b, (4, 4): [0, 0, 10, 20]}, {}, (A, b), most=2)
    # What A keeps is scaled to the best IoU that it keeps.
    assert found[(4, 4)] == (0, 0.5)


def test_an_object_that_no_box_overlaps_is_learned_too():
    found = assign({}, {(12, 12): 1.0}, most=1)
    assert found == {(12, 12): (0, 0.1)}


def naive(truth, raw, size, strides, most):
    """Follow the paper point by point for one image; return object and quality of each."""
    points, point_strides = grid_points(size, strides)
    predicted = ltrb.decode(raw["box_ltrb"], points, point_strides)
    scores = 1 / (1 + np.exp(-raw["class_logits"]))
    scores = scores / (1 + np.exp(-raw["objectness_logits"]))
    owner, highest = np.full(len(points), -1), np.full(len(points), -1.0)
    aligned = np.zeros(len(points))
    for number, (box, label) in enumerate(zip(truth["boxes"], truth["labels"], strict=True)):
        if label < 0 or truth["ignored"][number]:
            continue
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
        off = np.abs(points - middle)
        inside = np.flatnonzero((off <= np.maximum(half, strides[0] / 2)).all(axis=1))
        fits = iou(predicted[inside], box)
        ranks = scores[inside, label] * np.maximum(fits, 0.1) ** 6
        for place in np.argsort(-ranks)[:most]:
            if fits[place] > highest[inside[place]]:
                owner[inside[place]], highest[inside[place]] = number, fits[place]
                aligned[inside[place]] = ranks[place]
    quality = np.zeros(len(points))
    for number in set(owner) - {-1}:
        mine = owner == number
        quality[mine] = aligned[mine] / aligned[mine].max() * max(highest[mine].max(), 0.1)
    return owner, quality


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_loop_over_points_and_boxes(random_boxes, random_raw, seed):
    size, strides = (64, 96), (4, 8, 16)
    boxes = random_boxes(seed, 12)
    truth = {
        "boxes": boxes,
        "labels": np.array([0, 1, 2, 0, 1, 2, 0, 1, -1, 0, 1, 0], "int32"),
        "ignored": np.arange(12) == 5,
        "known": np.ones(3, bool),
    }
    raw = random_raw(seed, size, strides, boxes, num_classes=3)
    # Windows as large as the levels: all points inside, as in the paper.
    assigner = TaskAlignedAssigner(size, strides, cells=25)
    found = assigner({name: value[None] for name, value in truth.items()}, raw)
    raw = {name: value[0] for name, value in raw.items()}
    owner, quality = naive(truth, raw, size, strides, 13)
    np.testing.assert_array_equal(found.positive[0], owner >= 0)
    np.testing.assert_array_equal(found.boxes[0].numpy()[owner >= 0], boxes[owner[owner >= 0]])
    np.testing.assert_allclose(found.quality[0], quality, rtol=1e-4, atol=1e-6)
    assert (owner >= 0).sum() > 60
