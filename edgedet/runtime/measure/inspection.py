"""Facts of a .tflite, read from the interpreter alone: what it computes and how coarsely."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from edgedet import outputs
from edgedet.manifest import Manifest
from edgedet.parts import parameters, read_parts
from edgedet.runtime.graph import open_graph
from edgedet.runtime.measure.operators import Operators
from edgedet.runtime.promises import promised_input, promised_outputs


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
        file_bytes: Size on disk, manifest and parts included.
        operators: How often each operator occurs.
        parameters: Learned numbers, those of parts too; one that several operators share counts
            once.
        macs: Multiplications per image.
        integer_only: No tensor of the graph holds floats.
        inputs: In the order of the file.
        outputs: Likewise.
        parts: Learned numbers of each part that lies beside the manifest; see `edgedet.parts`.
    """

    file_bytes: int
    operators: dict[str, int]
    parameters: int
    macs: int
    integer_only: bool
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parts: dict[str, int] = dataclasses.field(default_factory=dict)


def inspect(path: Path, manifest: Manifest | None = None) -> Facts:
    """Return the facts of the model file `path`.

    Args:
        path: A .tflite file.
        manifest: Names the outputs' strides, for their worst-case steps.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing, no .tflite or does not fit the manifest, or a part of it
            is damaged.
    """
    graph = open_graph(path, optimized=False)
    if manifest is not None:
        promised_input(graph, path, manifest)
        promised_outputs(graph, path, manifest)
    operators = Operators(graph.interpreter)
    parts = {name: parameters(weights) for name, weights in read_parts(path).items()}
    return Facts(
        file_bytes=Path(path).stat().st_size,
        operators=operators.counts(),
        parameters=operators.parameters() + sum(parts.values()),
        macs=sum(operators.macs()),
        integer_only=operators.integer_only(),
        inputs=tuple(_tensor(name, details, {}) for name, details in graph.inputs.items()),
        outputs=tuple(
            _tensor(name, details, _box_strides(manifest))
            for name, details in graph.outputs.items()
        ),
        parts=parts,
    )


def operator_macs(path: Path) -> list[int]:
    """Return the multiplications of each operator of a model file, in the order they run.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing or no .tflite.
    """
    return Operators(open_graph(path, optimized=False).interpreter).macs()


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
