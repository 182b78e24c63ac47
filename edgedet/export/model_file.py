"""A .tflite as Python objects, and back."""

from __future__ import annotations

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.sharing import AlignedBuffer, SharingBuilder

FILE_IDENTIFIER = b"TFL3"


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
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())
