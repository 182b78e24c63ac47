"""Steps of sums: simple shares of each other, as wide as before or wider."""

import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.portable.sums import make_sums_exact

CONV, ADD = schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.ADD


def summed(first, second, result, zero):
    """A model that adds the results of two convolutions; return the steps of the three."""
    steps = {0: 1 / 255, 1: first, 2: second, 3: result, 4: 1.0}
    tensors = [
        schema.TensorT(
            type=schema.TensorType.INT8,
            quantization=schema.QuantizationParametersT(
                scale=np.array([step], "float32"), zeroPoint=np.array([zero])
            ),
        )
        for step in steps.values()
    ]
    operators = [
        schema.OperatorT(opcodeIndex=0, inputs=np.array([0]), outputs=np.array([1])),
        schema.OperatorT(opcodeIndex=0, inputs=np.array([0]), outputs=np.array([2])),
        schema.OperatorT(opcodeIndex=1, inputs=np.array([1, 2]), outputs=np.array([3])),
        schema.OperatorT(opcodeIndex=0, inputs=np.array([3]), outputs=np.array([4])),
    ]
    graph = schema.SubGraphT(
        tensors=tensors, inputs=np.array([0]), outputs=np.array([4]), operators=operators
    )
    codes = [
        schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=code) for code in (CONV, ADD)
    ]
    make_sums_exact(schema.ModelT(subgraphs=[graph], operatorCodes=codes))
    return [float(tensor.quantization.scale[0]) for tensor in tensors[1:4]]


@pytest.mark.parametrize("steps", [(0.0186, 0.0471, 0.0235), (0.0121, 0.0119, 0.0237)])
def test_parts_of_positive_sums_are_shares_of_256(steps):
    found = summed(*steps, zero=-128)
    small, large = sorted(found[:2])
    for share in (256 * large / found[2], 256 * small / large):
        assert share == round(share)
    assert all(old <= new * (1 + 1e-6) < 1.05 * old for old, new in zip(steps, found, strict=True))


def test_parts_of_other_sums_are_whole_steps():
    found = summed(0.8, 2.3, 1.0, zero=3)
    assert found == [1.0, 3.0, 1.0]


@pytest.mark.parametrize("zero", [-128, 0])
def test_a_part_that_is_next_to_nothing_keeps_a_step(zero):
    assert min(summed(1e-9, 1.0, 1.0, zero)) > 0
