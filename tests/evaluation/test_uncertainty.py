import types

import numpy as np
import pytest

from edgedet.detections import Detections
from edgedet.errors import DataError
from edgedet.evaluation.results import Results, unchanged
from edgedet.evaluation.uncertainty import SideErrors, joined, side_errors

NORMAL = np.random.default_rng(0).standard_normal(20_000)


def results_of(found, boxes, labels):
    truth = types.SimpleNamespace(boxes=np.array(boxes, float), labels=np.array(labels))
    return Results((truth,), (found,), ((99, 99),), ("a", "b"), 0, unchanged)


def test_a_model_that_knows_itself():
    # Errors of many sizes, each as large as the model says.
    std = np.random.default_rng(1).uniform(1, 9, NORMAL.shape)
    right = SideErrors(np.abs(NORMAL * std), std)
    assert right.coverage == pytest.approx(0.683, abs=0.01)
    assert right.scale == pytest.approx(1, abs=0.02)
    assert right.rank_correlation > 0.3


def test_one_factor_puts_the_size_right_but_not_the_order():
    shy = SideErrors(np.abs(NORMAL), np.full(NORMAL.shape, 0.25) + 1e-9 * NORMAL)
    assert shy.coverage < 0.25
    assert shy.scale == pytest.approx(4, rel=0.02)
    assert abs(shy.rank_correlation) < 0.03
    healed = SideErrors(shy.errors, shy.std * shy.scale)
    assert healed.coverage == pytest.approx(0.683, abs=0.001)


def test_only_detections_with_an_object_of_their_class_count():
    boxes = [[0, 0, 10, 10], [0, 1, 12, 13], [50, 50, 60, 60], [0, 0, 10, 10], [0, 0, 10, 10]]
    std = np.tile(np.arange(1.0, 6)[:, None], (1, 4))
    found = Detections(
        np.array(boxes, "float32"),
        np.array([0.9, 0.8, 0.7, 0.6, 0.1], "float32"),
        np.array([0, 1, 0, 0, 0], "int32"),
        std.astype("float32"),
    )
    # The second is off by 0, 1, 2 and 3 pixels; of the first object there is one detection only.
    many = results_of(found, [[0, 0, 10, 10], [0, 0, 10, 10]], [0, 1])
    ten = Results(
        many.records * 10, many.detections * 10, many.sizes * 10, ("a", "b"), 0, unchanged
    )
    sides = side_errors(ten, 0.3)
    assert sides.errors.tolist() == [0, 0, 0, 0, 0, 1, 2, 3] * 10
    assert sides.std.tolist() == [1, 1, 1, 1, 2, 2, 2, 2] * 10
    assert sides.coverage == pytest.approx(7 / 8)
    with pytest.raises(DataError, match="Expected 10 detections that have their object, found 2"):
        joined([side_errors(many, 0.3)])
    assert joined([sides, side_errors(many, 0.3)]).errors.shape == (88,)
