"""A flatbuffer writer that writes equal things once.

A flatbuffer may refer to one string, vector or table from many places. The generated `Pack`
methods never do: they write the same zero points, shapes and options for every tensor again.
"""

from __future__ import annotations

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema


class SharingBuilder(flatbuffers.Builder):
    """A builder that shares equal strings and NumPy vectors."""

    # The base has slots; without a dict of its own this class would have to name each.
    def __init__(self):
        super().__init__(1 << 16)
        self.written = {}

    def CreateString(self, s, encoding="utf-8", errors="strict"):  # noqa: N802
        # What was read is bytes, what was named since a string.
        content = s.encode(encoding, errors) if isinstance(s, str) else bytes(s)
        write = super().CreateString
        return self.once(("string", content), lambda: write(content))

    def CreateNumpyVector(self, x):  # noqa: N802
        write = super().CreateNumpyVector
        return self.once((x.dtype.str, x.tobytes()), lambda: write(x))

    def once(self, content, write) -> int:
        """Return where `content` stands; `write()` puts it there if it is new."""
        if content not in self.written:
            self.written[content] = write()
        return self.written[content]


class Shared:
    """A table of the generated object API that is written once for equal content.

    Args:
        table: Has a `Pack(builder)` method; its fields are numbers, bytes, NumPy arrays or
            tables that are `Shared` themselves.
    """

    def __init__(self, table):
        self.table = table
        self.content = (type(table), *(_hashable(value) for value in vars(table).values()))

    def Pack(self, builder: SharingBuilder) -> int:  # noqa: N802
        return builder.once(self.content, lambda: self.table.Pack(builder))


class SharedGraph:
    """A subgraph whose lists of tensors and operators are written once for equal content.

    Args:
        graph: A `SubGraphT` without a name, of tensors and operators that are `Shared`.
    """

    def __init__(self, graph):
        self.graph = graph

    def Pack(self, builder: SharingBuilder) -> int:  # noqa: N802
        graph = self.graph
        tensors, operators = _list(builder, graph.tensors), _list(builder, graph.operators)
        inputs = builder.CreateNumpyVector(graph.inputs)
        outputs = builder.CreateNumpyVector(graph.outputs)
        schema.SubGraphStart(builder)
        schema.SubGraphAddTensors(builder, tensors)
        schema.SubGraphAddInputs(builder, inputs)
        schema.SubGraphAddOutputs(builder, outputs)
        schema.SubGraphAddOperators(builder, operators)
        return schema.SubGraphEnd(builder)


class AlignedBuffer:
    """The data of a constant tensor, aligned as the TFLite schema asks.

    The generated code aligns to single bytes, but kernels load wide words.
    """

    ALIGNMENT = 16

    def __init__(self, buffer):
        self.buffer = buffer

    def Pack(self, builder: SharingBuilder) -> int:  # noqa: N802
        data = np.asarray(self.buffer.data, "uint8")
        # Pads in front of the data, then the vector is written where it already is aligned.
        builder.Prep(self.ALIGNMENT, len(data))
        return self.buffer.Pack(builder)


def _list(builder, tables):
    """Return where the list of these tables stands."""
    places = [table.Pack(builder) for table in tables]

    def write():
        builder.StartVector(4, len(places), 4)
        for place in reversed(places):
            builder.PrependUOffsetTRelative(place)
        return builder.EndVector()

    return builder.once(("list", *places), write)


def _hashable(value):
    if isinstance(value, Shared):
        return value.content
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    return tuple(value) if isinstance(value, list) else value
