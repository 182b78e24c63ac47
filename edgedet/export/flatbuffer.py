"""Slimming: the same network in fewer bytes.

The converter writes long names, ranges that nobody reads, and equal vectors again and again.
What is left afterwards is weights, biases and scales, and some 100 bytes per operation.
"""

from __future__ import annotations

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import pack, unpack
from edgedet.export.sharing import Shared


def slim(content: bytes) -> bytes:
    """Return a flatbuffer that computes the same; only inputs and outputs keep their names.

    Args:
        content: A .tflite with one subgraph.
    """
    model = unpack(content)
    (graph,) = model.subgraphs
    model.description = model.metadata = model.metadataBuffer = None
    graph.name = None
    _forget_names(graph)
    model.buffers = _distinct_buffers(graph.tensors, model.buffers)
    graph.tensors = [_slim_tensor(tensor) for tensor in graph.tensors]
    for operator in graph.operators:
        if operator.builtinOptions is not None:
            operator.builtinOptions = Shared(operator.builtinOptions)
    return pack(model)


def _forget_names(graph):
    known = {int(index) for index in (*graph.inputs, *graph.outputs)}
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
