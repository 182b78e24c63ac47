"""Steps of 8-bit tensors: what share one must keep sharing it."""

from __future__ import annotations

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import kind_of

KIND = schema.BuiltinOperator
# Their results have the steps of their inputs.
PASSING = {
    *(KIND.RESIZE_NEAREST_NEIGHBOR, KIND.RESIZE_BILINEAR, KIND.CONCATENATION, KIND.RESHAPE),
    *(KIND.MAX_POOL_2D, KIND.AVERAGE_POOL_2D, KIND.TILE, KIND.PAD, KIND.PADV2, KIND.TRANSPOSE),
    *(KIND.SLICE, KIND.STRIDED_SLICE, KIND.SPLIT, KIND.DEPTH_TO_SPACE, KIND.SPACE_TO_DEPTH),
}
# Any step fits the results of these, and what they take.
FREE = {KIND.CONV_2D, KIND.DEPTHWISE_CONV_2D, KIND.FULLY_CONNECTED, KIND.ADD, KIND.MUL}
# Any step fits what these take; whatever else there is may want that nothing changes.
READING = {KIND.LOGISTIC, KIND.TANH, KIND.HARD_SWISH, KIND.QUANTIZE, KIND.MEAN, *FREE}


class Steps:
    """The steps of all tensors of a model, as it is when this is made.

    Args:
        model: A `ModelT` of one subgraph, of 8-bit integers.

    Attributes:
        group: A representative of the tensors that share a step, for each tensor.
        settled: The groups whose steps may not change.
    """

    def __init__(self, model):
        (graph,) = model.subgraphs
        self._tensors = graph.tensors
        self.group = _groups(model, graph)
        self.settled = _settled(model, graph, self.group)

    def __getitem__(self, index: int) -> float:
        return float(self._tensors[index].quantization.scale[0])

    def widen(self, index: int, step: float) -> None:
        """Give a tensor, and all that share its step, another one."""
        # Tensors that came later stand alone.
        for group, tensor in zip(self.group, self._tensors, strict=False):
            if group == self.group[index]:
                old = tensor.quantization
                # Tensors may share the object, too, without sharing the step.
                tensor.quantization = schema.QuantizationParametersT(
                    scale=np.array([step], "float32"), zeroPoint=old.zeroPoint
                )

    def is_settled(self, index: int) -> bool:
        """Return whether the step of a tensor may not change."""
        return self.group[index] in self.settled


def is_byte(tensor) -> bool:
    """Return whether a tensor is of 8-bit integers."""
    return tensor.type == schema.TensorType.INT8


def are_bytes(graph, operator) -> bool:
    """Return whether all that an operator takes and gives is of 8-bit integers."""
    return all(is_byte(graph.tensors[i]) for i in (*operator.inputs, *operator.outputs))


def _groups(model, graph):
    group = list(range(len(graph.tensors)))
    for operator in graph.operators:
        if kind_of(model, operator) in PASSING:
            tied = [*map(int, operator.outputs), *_bytes_of(graph, operator.inputs)]
            old = {group[index] for index in tied}
            group = [min(old) if each in old else each for each in group]
    return group


def _settled(model, graph, group):
    settled = {group[int(index)] for index in (*graph.inputs, *graph.outputs)}
    for operator in graph.operators:
        kind = kind_of(model, operator)
        if kind not in PASSING | FREE:
            settled |= {group[int(index)] for index in operator.outputs}
        if kind not in PASSING | READING:
            settled |= {group[index] for index in _bytes_of(graph, operator.inputs)}
    return settled


def _bytes_of(graph, indices):
    """Return those of the tensors that are of 8-bit integers; -1 stands for none."""
    return [i for i in map(int, indices) if i >= 0 and is_byte(graph.tensors[i])]
