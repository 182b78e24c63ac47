"""Gates: products with a sigmoid, as integers that every interpreter rounds alike.

Nothing about a product of two computed integers can be chosen, so one of the two is made even: the
sigmoid keeps 7 of its 8 bits. A factor a little above a power of two then rounds halves up, in
floats as in integers.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import code_of, kind_of
from edgedet.export.portable.means import convolution
from edgedet.export.portable.steps import KIND, Steps, are_bytes

# TFLite fixes the step of a sigmoid.
STEP = 1 / 256
LITTLE = 2.0**-20
# Powers that differ by less are the same.
SLACK = 8 * LITTLE


def make_gates_even(model) -> list:
    """Let the sigmoids that something is multiplied by be even integers; return the products.

    Args:
        model: A `ModelT` of one subgraph, of 8-bit integers; changed in place.
    """
    (graph,) = model.subgraphs
    sigmoids = {
        int(operator.outputs[0]): int(operator.inputs[0])
        for operator in graph.operators
        if kind_of(model, operator) == KIND.LOGISTIC
    }
    operators, products = [], []
    for operator in graph.operators:
        place = _gate_of(model, operator, sigmoids)
        if place is not None:
            products.append((int(operator.inputs[1 - place]), int(operator.outputs[0])))
            operators += _evened(model, operator, place)
        operators.append(operator)
    graph.operators = operators
    _widen_products(model, products)
    return products


def tie(model, products) -> None:
    """Make what gates multiply a power of two of the product, once the steps of sums are settled.

    Args:
        model: As above.
        products: As `make_gates_even` returns them.
    """
    steps = Steps(model)
    sums, tied = _in_sums(model, steps), set(steps.settled)
    # The product of one gate may be what the next one multiplies; steps of sums are fixed by now.
    order = sorted(reversed(products), key=lambda pair: steps.group[pair[1]] not in sums)
    for source, result in order:
        start, end = steps.group[source], steps.group[result]
        powers = math.log2(steps[source] / steps[result])
        if end not in tied | sums and (start in tied | sums):
            power = math.floor(powers + SLACK)
            steps.widen(result, steps[source] / 2.0**power / (1 + LITTLE))
        elif start not in tied:
            # Where both are in sums, that of the source is exact to a millionth only.
            power = math.ceil(powers - SLACK)
            steps.widen(source, steps[result] * 2.0**power * (1 + LITTLE))
        # Else interpreters may round it differently.
        tied |= {start, end}


def _gate_of(model, operator, sigmoids):
    """Return the place of the sigmoid among a product's two factors, or `None`.

    In SiLU the other factor is the sigmoid's own input. As every activation of a network, halved
    ones would shift what comes out too far, so they stay as fine as they are.
    """
    if kind_of(model, operator) != KIND.MUL or not are_bytes(model.subgraphs[0], operator):
        return None
    factors = [int(index) for index in operator.inputs]
    gates = [place for place, index in enumerate(factors) if index in sigmoids]
    if len(gates) != 1 or sigmoids[factors[gates[0]]] == factors[1 - gates[0]]:
        return None
    return gates[0]


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


def _in_sums(model, steps):
    """Return the groups of tensors whose steps the exactness of a sum hangs on."""
    (graph,) = model.subgraphs
    sums = [op for op in graph.operators if kind_of(model, op) == KIND.ADD and are_bytes(graph, op)]
    return {steps.group[int(i)] for op in sums for i in (*op.inputs, *op.outputs)}


def _widen_products(model, products):
    """Widen steps of products until each source's is a power of two of it.

    Where the source is free, half a power or more is left to `tie`, which widens the source: then
    neither loses more than half a bit.
    """
    steps = Steps(model)
    sources = Counter(steps.group[source] for source, _ in products)
    kept = steps.settled | _in_sums(model, steps)
    kept |= {group for group, count in sources.items() if count > 1}
    kept |= {steps.group[result] for _, result in products}
    for source, result in products:
        if not steps.is_settled(result):
            powers = math.log2(steps[source] / steps[result])
            power = math.floor(powers + (SLACK if steps.group[source] in kept else 0.5))
            steps.widen(result, max(steps[result], steps[source] / 2.0**power))
