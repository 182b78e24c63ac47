"""Slimming: the same network in fewer bytes.

The converter writes long names, ranges that nobody reads, and equal vectors again and again.
What is left afterwards is weights, biases and scales, and some 100 bytes per operation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.sharing import AlignedBuffer, Shared, SharingBuilder

FILE_IDENTIFIER = b"TFL3"
SIGNATURE = "serving_default"


def slim(content: bytes, input_name: str, outputs: Sequence[str], order: Sequence[str]) -> bytes:
    """Return a flatbuffer that computes the same, with named inputs and outputs.

    Args:
        content: A .tflite with one subgraph and one input.
        input_name: The new name of the input.
        outputs: The new names of the outputs, in the order of `content`.
        order: The same names in the order of the result.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    graph = model.subgraphs[0]
    model.description = model.metadata = model.metadataBuffer = None
    graph.name = None
    _name(model, graph, input_name, outputs, order)
    model.buffers = _distinct_buffers(graph.tensors, model.buffers)
    graph.tensors = [_slim_tensor(tensor) for tensor in graph.tensors]
    for operator in graph.operators:
        if operator.builtinOptions is not None:
            operator.builtinOptions = Shared(operator.builtinOptions)
    return _pack(model)


def _name(model, graph, input_name, outputs, order):
    """Name inputs and outputs, in the tensors and in a signature; nothing else has a name."""
    index_of = dict(zip(outputs, graph.outputs, strict=True))
    graph.outputs = np.array([index_of[name] for name in order], "int32")
    for tensor in graph.tensors:
        tensor.name = None
    graph.tensors[graph.inputs[0]].name = input_name
    for name, index in index_of.items():
        graph.tensors[index].name = name
    model.signatureDefs = [
        schema.SignatureDefT(
            inputs=[schema.TensorMapT(input_name, int(graph.inputs[0]))],
            outputs=[schema.TensorMapT(name, int(index_of[name])) for name in order],
            signatureKey=SIGNATURE,
        )
    ]


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
            distinct[content] = AlignedBuffer(buffers[tensor.buffer])
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


def _pack(model) -> bytes:
    builder = SharingBuilder()
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())
