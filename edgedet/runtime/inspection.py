"""Facts of a .tflite, read from the interpreter alone: what it computes and how coarsely.

Weights, biases and other learned numbers count as parameters, shapes and axes do not. MACs are
the multiplications of convolutions and fully connected layers, as everywhere in this project.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np

from edgedet import outputs
from edgedet.manifest import Manifest
from edgedet.runtime.graph import open_graph

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


@dataclasses.dataclass(frozen=True)
class Tensor:
    """An input or output of the file.

    Attributes:
        name: As the manifest calls it.
        shape: Sides, batch first.
        dtype: `int8`, `float32`, ...
        scale: Real numbers per integer step, or `None` for floats.
        zero_point: The integer that means 0, or `None` for floats.
        step_pixels: By how many input pixels one integer step moves a box side at worst, or
            `None` where it moves none.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int | None = None
    step_pixels: float | None = None


@dataclasses.dataclass(frozen=True)
class Facts:
    """What can be known of a model file without running it.

    Attributes:
        file_bytes: Size on disk, manifest included.
        operators: How often each operator occurs.
        parameters: Learned numbers; one that several operators share counts once.
        macs: Multiplications per image.
        integer_only: No tensor of the graph holds floats.
        inputs: In the order of the file.
        outputs: Likewise.
    """

    file_bytes: int
    operators: dict[str, int]
    parameters: int
    macs: int
    integer_only: bool
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def inspect(path: Path, manifest: Manifest | None = None) -> Facts:
    """Return the facts of the model file `path`.

    Args:
        path: A .tflite file.
        manifest: Names the outputs' strides, for their worst-case steps.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing or no .tflite.
    """
    graph = open_graph(path, optimized=False)
    operations = _Operations(graph.interpreter)
    return Facts(
        file_bytes=Path(path).stat().st_size,
        operators=dict(Counter(operator["op_name"] for operator in operations.operators)),
        parameters=operations.parameters(),
        macs=sum(operations.macs(operator) for operator in operations.operators),
        integer_only=operations.integer_only(),
        inputs=tuple(_tensor(name, details, {}) for name, details in graph.inputs.items()),
        outputs=tuple(
            _tensor(name, details, _box_strides(manifest))
            for name, details in graph.outputs.items()
        ),
    )


def operator_macs(path: Path) -> list[int]:
    """Return the multiplications of each operator of a model file, in the order they run.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing or no .tflite.
    """
    operations = _Operations(open_graph(path, optimized=False).interpreter)
    return [operations.macs(operator) for operator in operations.operators]


class _Operations:
    """The operators and tensors of a file, in the order they run.

    The interpreters have no public way to list operators; these names have been the same since
    TensorFlow 2.5 in all of them.
    """

    def __init__(self, interpreter):
        self._interpreter = interpreter
        self.operators = [
            operator
            for operator in interpreter._get_ops_details()
            if operator["op_name"] != "DELEGATE"
        ]
        self._tensors = {}
        self._producers = {
            index: operator
            for operator in self.operators
            for index in _indices(operator, "outputs")
        }
        self._fed = {int(details["index"]) for details in interpreter.get_input_details()}

    def parameters(self):
        learned = set()
        for operator in self.operators:
            inputs = operator["inputs"]
            for place in LEARNED_INPUTS.get(operator["op_name"], ()):
                if place < len(inputs):
                    learned.add(self._stored(int(inputs[place])))
        learned.discard(None)
        return sum(self._size(index) for index in learned)

    def macs(self, operator):
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

    def integer_only(self):
        used = {index for op in self.operators for index in _indices(op, "inputs")}
        used |= self._producers.keys() | self._fed
        return not any(np.issubdtype(self._details(i)["dtype"], np.floating) for i in used)

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


def _box_strides(manifest):
    """Return the stride in pixels of each box output by its name."""
    box = None if manifest is None else outputs.of_role(manifest.kinds, outputs.BOX)
    if box is None:
        return {}
    return {manifest.tensor(level, box): level.stride for level in manifest.levels}


def _tensor(name, details, strides):
    dtype = np.dtype(details["dtype"])
    shape = tuple(int(side) for side in details["shape"])
    if np.issubdtype(dtype, np.floating):
        return Tensor(name, shape, dtype.name)
    scale, zero_point = details["quantization"]
    # What a box output says goes through a softplus, whose slope is at most 1: a step of the
    # integer moves a side by at most one scale, in strides.
    step = float(scale) * strides[name] if name in strides else None
    return Tensor(name, shape, dtype.name, float(scale), int(zero_point), step)
