"""Sums: steps of what is added become simple shares of the sum's, so that sums are exact."""

from __future__ import annotations

import math

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import kind_of

KIND = schema.BuiltinOperator
# Their results have the steps of their inputs.
PASSING = {KIND.RESIZE_NEAREST_NEIGHBOR, KIND.CONCATENATION, KIND.MAX_POOL_2D, KIND.RESHAPE}
# Any step fits the results of these; whatever else there is has a step of its own.
FREE = {KIND.CONV_2D, KIND.DEPTHWISE_CONV_2D, KIND.FULLY_CONNECTED, KIND.ADD, KIND.MUL}
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
    group = _groups(model, graph)
    settled = _settled(model, graph, group)
    # A sum may be added to a later one, whose step is known by then.
    for operator in reversed(graph.operators):
        if kind_of(model, operator) == KIND.ADD and _is_int8(graph, operator):
            _widen(graph, operator, group, settled)


def _groups(model, graph):
    """Return a representative of the tensors that share a step, for each tensor."""
    group = list(range(len(graph.tensors)))
    for operator in graph.operators:
        if kind_of(model, operator) in PASSING:
            tied = [int(operator.outputs[0])]
            tied += [i for i in map(int, operator.inputs) if _is_byte(graph.tensors[i])]
            old = {group[index] for index in tied}
            group = [min(old) if each in old else each for each in group]
    return group


def _settled(model, graph, group):
    """Return the groups whose steps may not change."""
    settled = {group[int(index)] for index in (*graph.inputs, *graph.outputs)}
    for operator in graph.operators:
        if kind_of(model, operator) not in PASSING | FREE:
            settled |= {group[int(index)] for index in operator.outputs}
    return settled


def _is_int8(graph, operator):
    return all(_is_byte(graph.tensors[i]) for i in (*operator.inputs, *operator.outputs))


def _is_byte(tensor):
    return tensor.type == schema.TensorType.INT8


def _widen(graph, operator, group, settled):
    """Widen the steps of the two parts of one sum, the larger first."""
    (result,) = map(int, operator.outputs)
    parts = sorted(map(int, operator.inputs), key=lambda index: -_step(graph.tensors[index]))
    fraction = PARTS if _only_positive(graph.tensors[result]) else 1
    if group[result] not in settled:
        _set_step(graph, group, result, _rounded_up(_step(graph.tensors[result])))
    unit = _step(graph.tensors[result])
    for index in parts:
        if group[index] not in settled:
            # What is a share already stays, however it was rounded; the least one is not nothing.
            share = math.ceil(fraction * _step(graph.tensors[index]) / unit - 1e-4)
            share = max(share, 1) / fraction
            _set_step(graph, group, index, share * unit)
        if fraction > 1:
            unit = _step(graph.tensors[index])
    settled |= {group[index] for index in (result, *parts)}


def _rounded_up(step):
    """Return the next step whose shares of shares are exact in the 24 digits of a float32."""
    digits, power = math.frexp(step)
    return math.ldexp(math.ceil(digits * PARTS) / PARTS, power)


def _only_positive(tensor):
    return int(tensor.quantization.zeroPoint[0]) == -128


def _step(tensor):
    return float(tensor.quantization.scale[0])


def _set_step(graph, group, index, step):
    for other, tensor in enumerate(graph.tensors):
        if group[other] == group[index]:
            tensor.quantization.scale = np.array([step], "float32")
