"""Sums: steps of what is added become simple shares of the sum's, so that sums are exact."""

from __future__ import annotations

import math

from edgedet.export.model_file import kind_of
from edgedet.export.portable.steps import KIND, Steps, are_bytes

# Shares are so many parts of a whole: interpreters have the bits for products of two of them.
PARTS = 256


def make_sums_exact(model) -> None:
    """Widen the steps of what is added a little, until each is a simple share of a larger one.

    Interpreters hold other shares in different numbers of bits, and part where a sum is nearly
    half way between two integers. Exact halves are rounded alike where nothing is negative; where
    something is, whole steps are added, which takes up to half of the range.

    Args:
        model: A `ModelT` of one subgraph, of 8-bit integers; changed in place. A tensor that is
            added twice keeps the step for the later sum.
    """
    (graph,) = model.subgraphs
    steps = Steps(model)
    # A sum may be added to a later one, whose step is known by then.
    for operator in reversed(graph.operators):
        if kind_of(model, operator) == KIND.ADD and are_bytes(graph, operator):
            _widen(graph, operator, steps)


def _widen(graph, operator, steps):
    """Widen the steps of the two parts of one sum, the larger first."""
    (result,) = map(int, operator.outputs)
    parts = sorted(map(int, operator.inputs), key=lambda index: -steps[index])
    fraction = PARTS if _only_positive(graph.tensors[result]) else 1
    if not steps.is_settled(result):
        steps.widen(result, _rounded_up(steps[result]))
    unit = steps[result]
    for index in parts:
        if not steps.is_settled(index):
            # What is a share already stays, however it was rounded; the least one is not nothing.
            share = math.ceil(fraction * steps[index] / unit - 1e-4)
            share = max(share, 1) / fraction
            steps.widen(index, share * unit)
        if fraction > 1:
            unit = steps[index]
    steps.settled |= {steps.group[index] for index in (result, *parts)}


def _rounded_up(step):
    """Return the next step whose shares of shares are exact in the 24 digits of a float32."""
    digits, power = math.frexp(step)
    return math.ldexp(math.ceil(digits * PARTS) / PARTS, power)


def _only_positive(tensor):
    return int(tensor.quantization.zeroPoint[0]) == -128
