import numpy as np

from edgedet.targets import CenterAssigner
from edgedet.targets.padded_truth import PaddedTruth

TRUTH = {
    "boxes": np.array([[[2, 2, 9, 9]]] * 2, "float32"),
    "labels": np.zeros((2, 1), "int32"),
    "ignored": np.zeros((2, 1), bool),
    "known": np.ones((2, 1), bool),
}


def test_nobody_need_say_a_domain():
    np.testing.assert_array_equal(PaddedTruth.of(TRUTH).domain, [-1, -1])


def test_targets_say_the_domain_of_the_batch():
    assign = CenterAssigner((32, 32), (8,), size_ranges=((0, 99),))
    targets = assign({**TRUTH, "domain": np.array([4, 0])})
    np.testing.assert_array_equal(targets.domain, [4, 0])
