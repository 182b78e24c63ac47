import dataclasses

import numpy as np
import pytest

from edgedet.geometry import boxes as box_geometry
from edgedet.runtime import nms
from edgedet.runtime.decode import Candidates


def candidates_of(boxes, scores, labels):
    return Candidates(
        np.array(boxes, "float32").reshape(-1, 4),
        np.array(scores, "float32"),
        np.array(labels, "int32"),
    )


# The second shares two thirds of the union with the first (80 of 120), the third nothing.
THREE = [[0, 0, 10, 10], [0, 2, 10, 12], [20, 20, 30, 30]]


def test_the_better_of_two_stays():
    candidates = candidates_of(THREE, [0.9, 0.8, 0.7], [0, 0, 0])
    np.testing.assert_array_equal(nms.per_class(candidates, 0.5, 100), [0, 2])


def test_another_class_is_no_rival():
    candidates = candidates_of(THREE, [0.9, 0.8, 0.7], [0, 1, 0])
    np.testing.assert_array_equal(nms.per_class(candidates, 0.5, 100), [0, 1, 2])


def test_an_overlap_at_the_threshold_is_allowed():
    # Half of the second lies in the first and is all they share: 50 of 100.
    candidates = candidates_of([[0, 0, 10, 10], [0, 0, 10, 5]], [0.9, 0.8], [0, 0])
    assert len(nms.per_class(candidates, 0.5, 100)) == 2
    assert len(nms.per_class(candidates, 0.49, 100)) == 1


def test_the_suppressed_suppress_nothing():
    # A chain: each overlaps its neighbour only, so the first and the third stay.
    chain = [[0, 0, 10, 10], [0, 3, 10, 13], [0, 6, 10, 16]]
    candidates = candidates_of(chain, [0.9, 0.8, 0.7], [0, 0, 0])
    np.testing.assert_array_equal(nms.per_class(candidates, 0.5, 100), [0, 2])


def test_at_most_so_many_stay():
    candidates = candidates_of(THREE, [0.9, 0.8, 0.7], [0, 1, 0])
    np.testing.assert_array_equal(nms.per_class(candidates, 0.5, 2), [0, 1])
    assert len(nms.per_class(candidates, 0.5, 0)) == 0
    assert len(nms.per_class(candidates_of([], [], []), 0.5, 5)) == 0


def one_by_one(candidates, threshold):
    """The textbook's loop over pairs."""
    kept = []
    for index in range(len(candidates)):
        rivals = [other for other in kept if candidates.labels[other] == candidates.labels[index]]
        overlaps = [
            box_geometry.iou(candidates.boxes[index], candidates.boxes[other]) for other in rivals
        ]
        if not any(overlap > threshold for overlap in overlaps):
            kept.append(index)
    return kept


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.6, 1.0])
def test_blocks_decide_as_pairs_do(seed, threshold):
    generator = np.random.default_rng(seed)
    # More than several blocks, in clusters, with equal scores among them.
    corner = generator.integers(0, 4, (150, 2)) * 12 + generator.uniform(0, 6, (150, 2))
    boxes = np.hstack([corner, corner + generator.uniform(6, 14, (150, 2))])
    scores = np.sort(generator.integers(0, 50, 150) / 50)[::-1]
    candidates = candidates_of(boxes, scores, generator.integers(0, 3, 150))
    kept = nms.per_class(candidates, threshold, 150)
    np.testing.assert_array_equal(kept, one_by_one(candidates, threshold))


def test_votes_are_weighted_by_score():
    candidates = candidates_of(THREE, [0.9, 0.3, 0.7], [0, 0, 0])
    kept = nms.per_class(candidates, 0.5, 100)
    # 0.9 of (0, 10) and 0.3 of (2, 12): 0.5 and 10.5; the third box is alone.
    voted = nms.vote(candidates, kept, 0.5)
    np.testing.assert_allclose(voted, [[0, 0.5, 10, 10.5], [20, 20, 30, 30]], rtol=1e-5)


def test_another_class_has_no_vote():
    candidates = candidates_of(THREE[:2], [0.9, 0.3], [0, 1])
    kept = nms.per_class(candidates, 0.5, 100)
    np.testing.assert_allclose(nms.vote(candidates, kept, 0.5), THREE[:2], rtol=1e-6)


def test_a_box_has_its_own_vote_where_nothing_can_overlap_enough():
    candidates = candidates_of(THREE, [0.9, 0.3, 0.7], [0, 0, 0])
    np.testing.assert_allclose(nms.vote(candidates, np.arange(3), 1.0), THREE, rtol=1e-6)


def test_a_vote_of_score_zero_is_no_division_by_zero():
    candidates = candidates_of(THREE[:1], [0.0], [0])
    np.testing.assert_allclose(nms.vote(candidates, np.array([0]), 0.5), THREE[:1])


def test_sides_are_voted_as_sure_and_near_as_they_are():
    std = np.array([[1, 2, 1, 1e-9], [1, 1, 1, 0.5], [1, 1, 1, 1]], "float32")
    candidates = dataclasses.replace(candidates_of(THREE, [0.9, 0.3, 0.7], [0] * 3), box_std=std)
    kept = nms.per_class(candidates, 0.5, 100)
    # The second box overlaps the first by 2/3; its score has no say.
    near = np.exp(-((1 / 3) ** 2) / 0.02)
    upper = near * 1 * 2 / (1 / 4 + near * 1)
    # A side that is sure beyond all measure stays where it is.
    expected = [[0, upper, 10, 10], [20, 20, 30, 30]]
    np.testing.assert_allclose(nms.vote(candidates, kept, 0.5), expected, rtol=1e-4)
