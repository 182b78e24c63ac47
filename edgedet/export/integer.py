"""Full-integer or not: one float kernel costs a board more than all others together."""

from __future__ import annotations

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.errors import ExportError
from edgedet.export.culprit import layers_at
from edgedet.export.model_file import unpack

FLOATS = {
    schema.TensorType.FLOAT16,
    schema.TensorType.FLOAT32,
    schema.TensorType.FLOAT64,
}
OPERATORS = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}


def require_integer(content: bytes, network) -> None:
    """Refuse an INT8 flatbuffer that computes anything in floats.

    The converter gives up silently on operations without integer kernels: it puts
    QUANTIZE and DEQUANTIZE around them.

    Args:
        content: The file as the converter wrote it, names included.
        network: The Keras network it came from.

    Raises:
        ExportError: Names the operations and, where the graph tells, the layers.
    """
    model = unpack(content)
    graph = model.subgraphs[0]
    floating = [
        operator
        for operator in graph.operators
        if all(graph.tensors[index].type in FLOATS for index in operator.outputs)
    ]
    if not floating:
        return
    codes = [model.operatorCodes[operator.opcodeIndex].builtinCode for operator in floating]
    names = sorted({OPERATORS.get(code, str(code)) for code in codes} - {"DEQUANTIZE"})
    places = [graph.tensors[operator.outputs[0]].name.decode() for operator in floating]
    layers = layers_at(places, network)
    raise ExportError(
        f"Expected integer arithmetic only, found {', '.join(names) or 'DEQUANTIZE'} in floats"
        f"{_in_layers(layers)}.\n"
        "Replace it by an operation with an INT8 kernel, or move it out of the network."
    )


def _in_layers(layers):
    return f" (layer {', '.join(map(repr, layers))})" if layers else ""
