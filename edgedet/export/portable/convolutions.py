"""Convolutions whose sums are never half way between two integers.

Each channel's weights get a scale by which its sums are divided by a power of two. The weights are
even and the bias is odd, so every sum is odd, and no half of a power of two. That costs weights
one bit, and half of another.
"""

from __future__ import annotations

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import kind_of

# Of each operation with weights: the axis of the weights that runs over the outputs.
CHANNELS = {
    schema.BuiltinOperator.CONV_2D: 0,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: 3,
    schema.BuiltinOperator.FULLY_CONNECTED: 0,
}
# The largest even weight.
LARGEST = 126
# Interpreters hold a factor as 31 bits below one and a shift: only a little below a power of two
# does it keep all bits of a sum. Sums up to half its inverse are safe; what is larger and divided
# by less than 2^11 is beyond 8 bits anyway.
LITTLE = 2.0**-20
# Finer steps that cut off a few large weights are tried for the sake of all others.
FINER = np.array([1, 2, 4])


def align_convolutions(model) -> None:
    """Give convolutions and fully connected layers the weights and biases of `align`.

    Args:
        model: A `ModelT` of one subgraph; changed in place.
    """
    (graph,) = model.subgraphs
    for operator in graph.operators:
        axis = CHANNELS.get(kind_of(model, operator))
        if axis is not None and _is_int8(graph, operator):
            _align(model, operator, axis)


def align(weights: np.ndarray, bias: np.ndarray, ratio: float):
    """Return integer weights and biases whose sums are odd and divided by powers of two.

    Args:
        weights: Real values `[C, ...]`.
        bias: Real values `[C]`, as shares of the input's step.
        ratio: The output's step as a share of the input's.

    Returns:
        int8 `[C, ...]`, all even; int32 `[C]`, all odd; and the steps of the weights, `[C]`.
    """
    flat = weights.reshape(len(weights), -1)
    top = np.abs(flat).max(axis=1)
    # Channels of zeros may have any step; a bias far beyond all weights must not overflow.
    least = np.maximum(np.where(top > 0, top, 1.0) / (LARGEST + 0.999), np.abs(bias) * LITTLE)
    unit = ratio * (1 - LITTLE)
    wide = unit * 2.0 ** np.ceil(np.log2(least / unit))
    steps = wide[:, None] / FINER
    even = 2 * np.round(flat[:, None] / steps[..., None] / 2)
    even = np.clip(even, -LARGEST, LARGEST)
    errors = ((even * steps[..., None] - flat[:, None]) ** 2).sum(axis=2)
    best = np.arange(len(flat)), errors.argmin(axis=1)
    even, steps = even[best], steps[best]
    odd = 2 * np.floor(bias / steps / 2) + 1
    return even.reshape(weights.shape).astype("int8"), odd.astype("int32"), steps


def _is_int8(graph, operator):
    types = [graph.tensors[index].type for index in (*operator.inputs, *operator.outputs)]
    byte, word = schema.TensorType.INT8, schema.TensorType.INT32
    return types == [byte, byte, word, byte]


def _align(model, operator, axis):
    """Replace the weights and biases of one operation."""
    tensors = model.subgraphs[0].tensors
    source, weights, bias = (tensors[index] for index in operator.inputs)
    input_step, output_step = _steps(source)[0], _steps(tensors[operator.outputs[0]])[0]
    values = np.moveaxis(_values(model, weights, "int8"), axis, 0)
    steps = np.broadcast_to(_steps(weights), len(values))
    real = values * steps.reshape(-1, *[1] * (values.ndim - 1))
    real_bias = _values(model, bias, "int32") * steps
    even, odd, steps = align(real, real_bias, output_step / input_step)
    _replace(model, weights, np.moveaxis(even, 0, axis), steps, axis)
    _replace(model, bias, odd, steps * input_step, 0)


def _steps(tensor):
    return np.asarray(tensor.quantization.scale, "float64")


def _values(model, tensor, kind):
    data = model.buffers[tensor.buffer].data
    return np.frombuffer(bytes(data), kind).reshape(tensor.shape).astype("float64")


def _replace(model, tensor, values, steps, axis):
    # Others may use the old buffer; what nobody uses is left out of the slim file.
    model.buffers.append(schema.BufferT(data=np.frombuffer(values.tobytes(), "uint8")))
    tensor.buffer = len(model.buffers) - 1
    tensor.quantization = schema.QuantizationParametersT(
        scale=steps.astype("float32"),
        zeroPoint=np.zeros(len(steps), "int64"),
        quantizedDimension=axis,
    )
