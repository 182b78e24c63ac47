"""Means over all pixels, as two convolutions of equal weights: down the columns, then along."""

from __future__ import annotations

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import code_of, kind_of

MEAN = schema.BuiltinOperator.MEAN
DEPTHWISE = schema.BuiltinOperator.DEPTHWISE_CONV_2D


def replace_means(model) -> None:
    """Replace the means over height and width of a `ModelT` of one subgraph.

    Args:
        model: Changed in place. Means of other axes, of floats, or without those axes in the
            result, stay.
    """
    (graph,) = model.subgraphs
    replaced = []
    for operator in graph.operators:
        known = kind_of(model, operator) == MEAN and _is_known(model, operator)
        replaced += _convolutions(model, operator) if known else [operator]
    graph.operators = replaced


def _is_known(model, operator):
    tensors = model.subgraphs[0].tensors
    source, axes = (tensors[index] for index in operator.inputs)
    data = model.buffers[axes.buffer].data
    return (
        source.type == schema.TensorType.INT8
        and operator.builtinOptions.keepDims
        and data is not None
        and sorted(np.frombuffer(bytes(data), "int32") % 4) == [1, 2]
    )


def _convolutions(model, operator):
    """Return the two operations that stand for a mean."""
    tensors = model.subgraphs[0].tensors
    place, result = int(operator.inputs[0]), int(operator.outputs[0])
    source = tensors[place]
    _, height, width, channels = map(int, source.shape)
    # The means of the columns are as large as what they are means of.
    middle = schema.TensorT(
        shape=np.array([1, 1, width, channels], "int32"),
        type=source.type,
        name=(tensors[result].name or b"mean") + b"/columns",
        quantization=source.quantization,
    )
    tensors.append(middle)
    between = len(tensors) - 1
    return [
        convolution(model, place, between, (height, 1, channels)),
        convolution(model, between, result, (1, width, channels)),
    ]


def convolution(model, source: int, result: int, size: tuple[int, int, int], bias: int = 0):
    """Return a depthwise convolution without padding, whose weights are one over their number.

    Args:
        model: A `ModelT` of one subgraph, which gets the weights.
        source: Place of the tensor that it reads.
        result: Place of the tensor that it writes.
        size: (height, width, channels) of the weights.
        bias: The same for all channels, in steps of the sum.
    """
    count, channels = size[0] * size[1], size[2]
    step = 1 / (127 * count)
    input_step = float(model.subgraphs[0].tensors[source].quantization.scale[0])
    weights = _constant(model, np.full((1, *size), 127, "int8"), step, 3)
    biases = _constant(model, np.full(channels, bias, "int32"), step * input_step, 0)
    return schema.OperatorT(
        opcodeIndex=code_of(model, DEPTHWISE),
        inputs=np.array([source, weights, biases], "int32"),
        outputs=np.array([result], "int32"),
        builtinOptionsType=schema.BuiltinOptions.DepthwiseConv2DOptions,
        builtinOptions=schema.DepthwiseConv2DOptionsT(
            padding=schema.Padding.VALID, strideW=1, strideH=1, depthMultiplier=1
        ),
    )


def _constant(model, values, step, axis):
    """Add a constant tensor with one step for all channels; return its index."""
    data = np.frombuffer(values.tobytes(), "uint8")
    model.buffers.append(schema.BufferT(data=data))
    channels = values.shape[axis]
    tensor = schema.TensorT(
        shape=np.array(values.shape, "int32"),
        type=getattr(schema.TensorType, values.dtype.name.upper()),
        buffer=len(model.buffers) - 1,
        quantization=schema.QuantizationParametersT(
            scale=np.full(channels, step, "float32"),
            zeroPoint=np.zeros(channels, "int64"),
            quantizedDimension=axis,
        ),
    )
    tensors = model.subgraphs[0].tensors
    tensors.append(tensor)
    return len(tensors) - 1
