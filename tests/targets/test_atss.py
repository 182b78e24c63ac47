import numpy as np
import pytest

from edgedet.geometry.boxes import iou
from edgedet.geometry.points import grid_points
from edgedet.targets import AtssAssigner


def assign(boxes, size=(32, 32), strides=(8, 16), **settings):
    boxes = np.reshape(np.array(boxes, "float32"), (1, -1, 4))
    count = boxes.shape[1]
    truth = {
        "boxes": boxes,
        "labels": np.arange(count)[None],
        "ignored": np.zeros((1, count), bool),
        "known": np.ones((1, count), bool),
    }
    return AtssAssigner(size, strides, **settings)(truth)


def labels(boxes, **settings):
    """Return the object of each point that has one, `{(x, y, stride): index}`."""
    found = assign(boxes, **settings)
    points, strides = grid_points((32, 32), (8, 16))
    return {
        (*points[place], strides[place]): int(found.labels[0, place])
        for place in np.flatnonzero(found.positive[0])
    }


def test_by_hand():
    # One candidate a level, squares of two strides. The object has its centre at (12, 12):
    # the square of 16 around (12, 12) is it, that of 32 around (8, 8) holds it: 256 / 1024.
    # Mean 0.625 and deviation 0.375 make a bar of 1.
    assert labels([[4, 4, 20, 20]], candidates=1, side=2.0) == {(12, 12, 8): 0}
    # The whole image: 256 / 1024 with the square around (20, 20); around (24, 24) a square of
    # 32 shares 24 x 24 of 2 x 1024 - 576: 0.391, and the bar is 0.320 + 0.071.
    assert labels([[0, 0, 32, 32]], candidates=1, side=2.0) == {(24, 24, 16): 0}


def test_larger_squares_send_objects_to_finer_levels():
    box = [[0, 0, 32, 32]]
    assert set(labels(box, candidates=1, side=2.0)) == {(24, 24, 16)}
    assert set(labels(box, candidates=1, side=4.0)) == {(20, 20, 8)}


def test_points_inside_that_are_equal_are_all_positive():
    # All squares of the finer level hold the object, which lies between four points.
    found = labels([[15, 15, 17, 17]])
    assert set(found) == {(x, y, 8) for x in (12, 20) for y in (12, 20)}


def test_the_object_with_the_higher_iou_gets_the_point():
    large, small = [4, 4, 20, 20], [8, 8, 16, 16]
    for boxes, expected in [([large, small], 0), ([small, large], 1)]:
        assert labels(boxes, candidates=1, side=2.0) == {(12, 12, 8): expected}


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_loop_over_points_and_boxes(random_boxes, seed):
    size, strides = (64, 96), (4, 8, 16)
    # No two points as near as each other.
    boxes = random_boxes(seed, 12) + np.random.default_rng(seed).uniform(0, 0.3, (12, 1))
    boxes = boxes.astype("float32")
    found = assign(boxes, size, strides, side=4.0)
    points, point_strides = grid_points(size, strides)
    owner, highest = np.full(len(points), -1), np.zeros(len(points))
    half = 2 * point_strides[:, None]
    squares = np.concatenate([points - half, points + half], axis=1)
    for number, box in enumerate(boxes):
        middle, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        off = points - middle
        candidates = np.concatenate(
            [
                level[np.argsort((off[level] ** 2).sum(axis=1))[:9]]
                for level in (np.flatnonzero(point_strides == stride) for stride in strides)
            ]
        )
        fits = iou(squares[candidates], box)
        inside = (np.abs(off[candidates]) <= np.maximum(sides, 4) / 2).all(axis=1)
        bar = min(fits.mean() + fits.std(), fits[inside].max())
        for place, fit in zip(candidates[inside], fits[inside], strict=True):
            if fit >= bar and fit > highest[place]:
                owner[place], highest[place] = number, fit
    np.testing.assert_array_equal(found.labels[0], owner)
    assert (owner >= 0).sum() > 20
