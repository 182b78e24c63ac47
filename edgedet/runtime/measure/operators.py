"""The operators of a model file: what they multiply, and which numbers in them are learned.

Weights, biases and other learned numbers count as parameters, shapes and axes do not. MACs are
the multiplications of convolutions and fully connected layers, as everywhere in this project.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

# Which inputs of an operator are learned; every other constant is a shape or an axis.
LEARNED_INPUTS = {
    "CONV_2D": (1, 2),
    "CONV_3D": (1, 2),
    "DEPTHWISE_CONV_2D": (1, 2),
    "FULLY_CONNECTED": (1, 2),
    "TRANSPOSE_CONV": (1, 3),
    "BATCH_MATMUL": (0, 1),
    "PRELU": (1,),
    "EMBEDDING_LOOKUP": (1,),
    "ADD": (0, 1),
    "SUB": (0, 1),
    "MUL": (0, 1),
    "DIV": (0, 1),
}


class Operators:
    """The operators of an open file and their tensors, in the order they run.

    The interpreters have no public way to list operators; the private names used here have been
    the same since TensorFlow 2.5 in all of them.

    Args:
        interpreter: Of the file, its operators unfused, see `open_graph`.
    """

    def __init__(self, interpreter):
        self._interpreter = interpreter
        self._operators = [
            operator
            for operator in interpreter._get_ops_details()
            if operator["op_name"] != "DELEGATE"
        ]
        self._tensors = {}
        self._producers = {
            index: operator
            for operator in self._operators
            for index in _indices(operator, "outputs")
        }
        self._fed = {int(details["index"]) for details in interpreter.get_input_details()}

    def counts(self) -> dict[str, int]:
        """Return how often each operator occurs."""
        return dict(Counter(operator["op_name"] for operator in self._operators))

    def parameters(self) -> int:
        """Return the number of learned numbers; one that several operators share counts once."""
        learned = set()
        for operator in self._operators:
            inputs = operator["inputs"]
            for place in LEARNED_INPUTS.get(operator["op_name"], ()):
                if place < len(inputs):
                    learned.add(self._stored(int(inputs[place])))
        learned.discard(None)
        return sum(self._size(index) for index in learned)

    def macs(self) -> list[int]:
        """Return the multiplications of each operator per image."""
        return [self._macs(operator) for operator in self._operators]

    def integer_only(self) -> bool:
        """Return whether no tensor of the graph holds floats."""
        used = {index for op in self._operators for index in _indices(op, "inputs")}
        used |= self._producers.keys() | self._fed
        return not any(np.issubdtype(self._details(i)["dtype"], np.floating) for i in used)

    def _macs(self, operator):
        name, inputs = operator["op_name"], operator["inputs"]
        if name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            return self._pixels(operator["outputs"][0]) * self._size(inputs[1])
        if name == "TRANSPOSE_CONV":
            # Every input pixel is spread by the whole kernel.
            return self._pixels(inputs[2]) * self._size(inputs[1])
        if name == "FULLY_CONNECTED":
            rows = self._size(inputs[0]) // int(self._shape(inputs[1])[-1])
            return rows * self._size(inputs[1])
        if name == "BATCH_MATMUL":
            return self._size(operator["outputs"][0]) * int(self._shape(inputs[0])[-1])
        return 0

    def _stored(self, index):
        """Return the constant behind a tensor, seen through float16's DEQUANTIZE, or `None`."""
        producer = self._producers.get(index)
        if producer is not None and producer["op_name"] == "DEQUANTIZE":
            return self._stored(int(producer["inputs"][0]))
        return None if producer is not None or index in self._fed or index < 0 else index

    def _details(self, index):
        index = int(index)
        if index not in self._tensors:
            self._tensors[index] = self._interpreter._get_tensor_details(index, 0)
        return self._tensors[index]

    def _shape(self, index):
        return self._details(index)["shape"]

    def _size(self, index):
        return int(np.prod(self._shape(index), dtype="int64"))

    def _pixels(self, index):
        """Return batch x height x width of a feature map."""
        return int(np.prod(self._shape(index)[:-1], dtype="int64"))


def _indices(operator, end):
    # -1 stands for an optional input that is absent.
    return [int(index) for index in operator[end] if index >= 0]
