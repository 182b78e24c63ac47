"""Slimming: the same network in fewer bytes.

The converter writes long names, ranges that nobody reads, and equal vectors again and again.
What is left afterwards is weights, biases and scales, and some 100 bytes per operation.
"""

from __future__ import annotations

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.sharing import Shared, SharedGraph


def slim(model) -> None:
    """Leave out of a model what is not computed with; only inputs and outputs keep their names.

    Args:
        model: The `ModelT` of a .tflite; of several subgraphs, each lists the tensors of the
            first. It is changed in place, and good for nothing afterwards but to be packed.
    """
    model.description = model.metadata = model.metadataBuffer = None
    _forget_names(model.subgraphs)
    tensors = model.subgraphs[0].tensors
    model.buffers = _distinct_buffers(tensors, model.buffers)
    tensors = [_slim_tensor(tensor) for tensor in tensors]
    # Stages that were just cut out have the very operators of the whole.
    operators = {id(each): each for graph in model.subgraphs for each in graph.operators}
    slimmed = {key: _slim_operator(operator) for key, operator in operators.items()}
    for graph in model.subgraphs:
        graph.name = None
        graph.tensors = tensors
        graph.operators = [slimmed[id(operator)] for operator in graph.operators]
    model.subgraphs = [SharedGraph(graph) for graph in model.subgraphs]


def _forget_names(graphs):
    known = {int(index) for graph in graphs for index in (*graph.inputs, *graph.outputs)}
    for graph in graphs:
        for index, tensor in enumerate(graph.tensors):
            if index not in known:
                tensor.name = None


def _distinct_buffers(tensors, buffers):
    """Return each different content once, and let the tensors refer to it.

    By convention buffer 0 is empty: a tensor that is computed refers to it.
    """
    distinct = {b"": schema.BufferT()}
    place = {b"": 0}
    for tensor in tensors:
        data = buffers[tensor.buffer].data
        content = b"" if data is None else data.tobytes()
        if content not in place:
            place[content] = len(distinct)
            distinct[content] = buffers[tensor.buffer]
        tensor.buffer = place[content]
    return list(distinct.values())


def _slim_tensor(tensor):
    quantization = tensor.quantization
    if quantization is not None:
        # Ranges of the calibration; the scales are made of them already.
        quantization.min = quantization.max = None
        # A plain number has no scales, so nothing is left to say.
        tensor.quantization = None if quantization.scale is None else Shared(quantization)
    return Shared(tensor)


def _slim_operator(operator):
    if operator.builtinOptions is not None:
        operator.builtinOptions = Shared(operator.builtinOptions)
    return Shared(operator)
