"""Gates: products with a sigmoid, as integers that every interpreter rounds alike.

Nothing about a product of two computed integers can be chosen, so one of the two is made even: the
sigmoid keeps 7 of its 8 bits. A factor a little above a power of two then rounds halves up, in
floats as in integers.
"""

from __future__ import annotations

import math

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import code_of, kind_of
from edgedet.export.portable.means import convolution

KIND = schema.BuiltinOperator
# TFLite fixes the step of a sigmoid.
STEP = 1 / 256
LITTLE = 2.0**-20


def make_gates_even(model) -> list:
    """Let the sigmoids that something is multiplied by be even integers; return the products.

    Args:
        model: A `ModelT` of one subgraph, of 8-bit integers; changed in place.
    """
    (graph,) = model.subgraphs
    sigmoids = {
        int(operator.outputs[0])
        for operator in graph.operators
        if kind_of(model, operator) == KIND.LOGISTIC
    }
    operators, products = [], []
    for operator in graph.operators:
        gates = [place for place, index in enumerate(operator.inputs) if int(index) in sigmoids]
        if kind_of(model, operator) == KIND.MUL and len(gates) == 1 and _is_int8(graph, operator):
            operators += _evened(model, operator, gates[0])
            products.append((int(operator.inputs[1 - gates[0]]), int(operator.outputs[0])))
            _widen_product(graph.tensors, *products[-1])
        operators.append(operator)
    graph.operators = operators
    return products


def tie(model, products) -> None:
    """Make what gates multiply a power of two of the product, once steps of products are settled.

    Args:
        model: As above.
        products: As `make_gates_even` returns them.
    """
    tensors = model.subgraphs[0].tensors
    for source, result in products:
        ratio = _step(tensors[source]) / _step(tensors[result])
        power = math.ceil(math.log2(ratio) - 1e-6)
        _set_step(tensors[source], _step(tensors[result]) * 2.0**power * (1 + LITTLE))


def _is_int8(graph, operator):
    tensors = [graph.tensors[index] for index in (*operator.inputs, *operator.outputs)]
    return all(tensor.type == schema.TensorType.INT8 for tensor in tensors)


def _evened(model, operator, place):
    """Return operations that halve and double a sigmoid, which becomes an operand."""
    tensors = model.subgraphs[0].tensors
    gate = int(operator.inputs[place])
    halved = _like(tensors, gate, 2 * STEP)
    doubled = _like(tensors, gate, STEP)
    operator.inputs = np.array(operator.inputs, "int32")
    operator.inputs[place] = doubled
    # A little less, so that the largest one does not double beyond 8 bits.
    halve = convolution(model, gate, halved, (1, 1, int(tensors[gate].shape[-1])), bias=-1)
    double = schema.OperatorT(
        opcodeIndex=code_of(model, KIND.QUANTIZE),
        inputs=np.array([halved], "int32"),
        outputs=np.array([doubled], "int32"),
        builtinOptionsType=schema.BuiltinOptions.QuantizeOptions,
        builtinOptions=schema.QuantizeOptionsT(),
    )
    return halve, double


def _like(tensors, index, step):
    """Add a tensor like another one, with a step of its own; return its index."""
    old = tensors[index]
    quantization = schema.QuantizationParametersT(
        scale=np.array([step], "float32"), zeroPoint=old.quantization.zeroPoint
    )
    tensors.append(schema.TensorT(shape=old.shape, type=old.type, quantization=quantization))
    return len(tensors) - 1


def _widen_product(tensors, source, result):
    """Widen a product's step until its source's is a power of two of it or less."""
    power = math.floor(math.log2(_step(tensors[source]) / _step(tensors[result])))
    widened = _step(tensors[source]) / 2.0**power
    _set_step(tensors[result], max(_step(tensors[result]), widened))


def _step(tensor):
    return float(tensor.quantization.scale[0])


def _set_step(tensor, step):
    old = tensor.quantization
    tensor.quantization = schema.QuantizationParametersT(
        scale=np.array([step], "float32"), zeroPoint=old.zeroPoint
    )
