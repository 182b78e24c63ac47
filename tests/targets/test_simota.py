import numpy as np
import pytest
import tensorflow as tf

from edgedet.geometry import ltrb
from edgedet.geometry.boxes import iou
from edgedet.geometry.points import grid_points
from edgedet.targets import SimOtaAssigner

# Two objects of 16 x 16 that share half; the points of stride 8 are 4, 12, 20 and 28.
A, B = [4.0, 4, 20, 20], [12.0, 4, 28, 20]


def owners(said, logits=(), objects=(A, B), assigner=None):
    """Return the object of each point that has one: `{(x, y): index}`.

    Args:
        said: `{(x, y): the box that the point predicts}`; the others predict nothing.
        logits: `{(x, y): class logit}`; 0 at the others.
        objects: Their boxes.
        assigner: Another one than usual.
    """
    points, strides = grid_points((32, 32), (8,))
    raw = {"box_ltrb": np.zeros((1, 16, 4), "float32"), "class_logits": np.zeros((1, 16, 1))}
    for place, point in enumerate(map(tuple, points)):
        if point in said:
            box = np.array(said[point], "float32")
            raw["box_ltrb"][0, place] = ltrb.encode(box, points[place], strides[place])
        raw["class_logits"][0, place] = dict(logits).get(point, 0.0)
    truth = {
        "boxes": np.array([objects], "float32"),
        "labels": np.zeros((1, len(objects)), "int32"),
        "ignored": np.zeros((1, len(objects)), bool),
        "known": np.ones((1, 1), bool),
    }
    raw = {name: tf.constant(value, tf.float32) for name, value in raw.items()}
    found = (assigner or SimOtaAssigner((32, 32), (8,)))(truth, raw)
    index = {tuple(box): number for number, box in enumerate(objects)}
    return {
        tuple(points[place]): index[tuple(found.boxes[0, place].numpy())]
        for place in np.flatnonzero(found.positive[0])
    }


def test_by_hand():
    said = {
        (12, 12): A,  # IoU 1 with A and 128 / 384, a third, with B.
        (20, 12): B,  # The same the other way round.
        (12, 4): [4, 4, 20, 12],  # Half of A; 64 / 320, a fifth, of B.
        (4, 4): [4, 4, 12, 20],  # Half of A; outside B.
    }
    # A: 1 + 1/3 + 1/2 + 1/2 = 2.33, two points. B: 1/3 + 1 + 1/5 = 1.53, one point.
    # The two halves of A cost the same box, so the class decides which is A's second.
    assert owners(said, {(12, 4): 1.0}) == {(12, 12): 0, (12, 4): 0, (20, 12): 1}
    assert owners(said, {(4, 4): 1.0}) == {(12, 12): 0, (4, 4): 0, (20, 12): 1}


def test_a_class_that_is_sure_makes_up_for_a_worse_box():
    # One point each. 3 ln 2 = 2.08 is what half the box costs; a logit of 3 saves
    # softplus(0) - softplus(-3) = 0.64 only, one of -3 costs 2.36 more.
    said = {(12, 12): A, (12, 4): [4, 4, 20, 12]}
    assert owners(said, {(12, 4): 3.0}, [A]) == {(12, 12): 0}
    assert owners(said, {(12, 12): -3.0}, [A]) == {(12, 4): 0}


def test_the_object_that_it_costs_less_gets_the_point():
    # (12, 12) is the best point of both: IoU 1 with A, a third with B.
    assert owners({(12, 12): A}) == {(12, 12): 0}
    assert owners({(12, 12): A}, objects=(B, A)) == {(12, 12): 1}


def test_an_object_that_no_box_overlaps_gets_one_point_all_the_same():
    assert len(owners({}, objects=[A])) == 1


def test_points_far_from_the_centre_are_no_candidates():
    # All points but the middle say the object; the middle alone is within half a stride.
    whole = [0.0, 0, 24, 24]
    said = {(x, y): whole for x in (4, 12, 20) for y in (4, 12, 20) if (x, y) != (12, 12)}
    assert len(owners(said, objects=[whole])) == 8
    near = SimOtaAssigner((32, 32), (8,), radius=0.6)
    assert owners(said, objects=[whole], assigner=near) == {(12, 12): 0}


def naive(truth, raw, size, strides, radius):
    """Follow the paper point by point for one image; return the object of each point."""
    points, point_strides = grid_points(size, strides)
    predicted = ltrb.decode(raw["box_ltrb"], points, point_strides)
    scores = 1 / (1 + np.exp(-raw["class_logits"]))
    if "objectness_logits" in raw:
        scores = np.sqrt(scores / (1 + np.exp(-raw["objectness_logits"])))
    owner, lowest = np.full(len(points), -1), np.full(len(points), np.inf)
    for number, (box, label) in enumerate(zip(truth["boxes"], truth["labels"], strict=True)):
        if label < 0 or truth["ignored"][number]:
            continue
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
        off = np.abs(points - middle)
        inside = (off <= np.maximum(half, strides[0] / 2)).all(axis=1)
        candidates = np.flatnonzero(inside & (off < radius * point_strides[:, None]).all(axis=1))
        fits = iou(predicted[candidates], box)
        costs = []
        for place, fit in zip(candidates, fits, strict=True):
            wanted = np.arange(scores.shape[-1]) == label
            each = -np.log(np.where(wanted, scores[place], 1 - scores[place]))
            costs.append(each.sum() - 3 * np.log(fit + 1e-8))
        number_of = max(int(np.sort(fits)[::-1][:10].sum()), 1)
        for rank in np.argsort(costs)[:number_of]:
            if costs[rank] < lowest[candidates[rank]]:
                lowest[candidates[rank]] = costs[rank]
                owner[candidates[rank]] = number
    return owner


@pytest.mark.parametrize("objectness", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_loop_over_points_and_boxes(random_boxes, random_raw, seed, objectness):
    size, strides = (64, 96), (4, 8, 16)
    boxes = random_boxes(seed, 12)
    truth = {
        "boxes": boxes,
        "labels": np.array([0, 1, 2, 0, 1, 2, 0, 1, -1, 0, 1, 0], "int32"),
        "ignored": np.arange(12) == 5,
        "known": np.array([True, True, seed % 2 == 0]),
    }
    raw = random_raw(seed, size, strides, boxes, num_classes=3)
    if not objectness:
        del raw["objectness_logits"]
    assigner = SimOtaAssigner(size, strides, radius=2.5)
    found = assigner({name: value[None] for name, value in truth.items()}, raw)
    owner = naive(truth, {name: value[0] for name, value in raw.items()}, size, strides, 2.5)
    np.testing.assert_array_equal(found.positive[0], owner >= 0)
    np.testing.assert_array_equal(found.boxes[0].numpy()[owner >= 0], boxes[owner[owner >= 0]])
    labels = np.where(owner >= 0, truth["labels"][owner], -1)
    np.testing.assert_array_equal(found.labels[0], labels)
    assert (owner >= 0).sum() > 12
