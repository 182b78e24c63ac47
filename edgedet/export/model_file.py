"""A .tflite as Python objects, and back."""

from __future__ import annotations

from collections.abc import Callable

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.sharing import AlignedBuffer, SharingBuilder
from edgedet.tflite_head import IDENTIFIER

# From these versions on, operations compute with 8-bit integers throughout.
INT8_VERSIONS = {
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: 3,
    schema.BuiltinOperator.QUANTIZE: 2,
}


def unpack(content: bytes):
    """Return the `ModelT` of a .tflite: the tables of its schema as plain objects."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))


def pack(model) -> bytes:
    """Return the .tflite of a `ModelT`, which is of no use afterwards.

    Args:
        model: Its strings and vectors are written once where they are equal; so are tables
            that are `Shared`.
    """
    model.buffers = [
        buffer if buffer.data is None else AlignedBuffer(buffer) for buffer in model.buffers
    ]
    builder = SharingBuilder()
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def repack(content: bytes, *edits: Callable) -> bytes:
    """Return a .tflite after edits, each of which changes a `ModelT` in place."""
    model = unpack(content)
    for edit in edits:
        edit(model)
    return pack(model)


def kind_of(model, operator) -> int:
    """Return what an operation of a `ModelT` is, as `schema.BuiltinOperator` numbers it."""
    code = model.operatorCodes[operator.opcodeIndex]
    # Old files have the second, newer ones the first, where it is no number of one byte.
    return max(code.builtinCode, code.deprecatedBuiltinCode)


def code_of(model, kind: int) -> int:
    """Return the place of a kind of operation in a `ModelT`, which gets it if it has none."""
    kinds = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    if kind not in kinds:
        kinds.append(kind)
        model.operatorCodes.append(
            schema.OperatorCodeT(
                builtinCode=kind, deprecatedBuiltinCode=kind, version=INT8_VERSIONS[kind]
            )
        )
    return kinds.index(kind)
