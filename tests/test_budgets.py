"""The table of limits, and what counts as over."""

import pytest

from edgedet.budgets import BUDGETS, budget_of


@pytest.mark.parametrize(
    ("model", "input_size", "key", "fits"),
    [
        ("phantom", (128, 128), "parameters", 126_000),
        ("phantom", (128, 128), "float_bytes", 499_999),
        ("phantom", (128, 128), "int8_bytes", 129_999),
        ("phantom", (128, 128), "macs", 30_000_000),
        ("nexus", (320, 320), "parameters", 430_000),
        ("nexus", (320, 320), "int8_bytes", 499_999),
        ("nightvision", (320, 320), "parameters", 490_000),
        ("nightvision", (320, 320), "macs", 250_000_000),
        # The edge preset is the one with a smaller input.
        ("nightvision", (256, 256), "macs", 120_000_000),
    ],
)
def test_the_limit_itself_fits_and_one_more_does_not(model, input_size, key, fits):
    budget = budget_of(model, input_size)

    assert budget.exceeded({key: fits}) == []
    assert budget.exceeded({key: fits + 1}) == [f"{key} {fits + 1:,} > {fits:,}"]


def test_nightvision_has_a_least_size_too():
    budget = budget_of("nightvision", (320, 320))

    assert budget.exceeded({"parameters": 200_000}) == []
    assert budget.exceeded({"parameters": 199_999}) == ["parameters 199,999 < 200,000"]


def test_what_was_not_measured_breaks_nothing():
    assert BUDGETS["phantom"].exceeded({"float_bytes": None, "macs": 1}) == []


def test_an_unknown_detector_has_no_budget():
    assert budget_of("yolo", (320, 320)) is None
