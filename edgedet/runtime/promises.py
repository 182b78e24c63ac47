"""Whether a model file is what its manifest says; a manifest may have come from another file."""

from __future__ import annotations

from pathlib import Path

from edgedet.errors import ModelError
from edgedet.geometry.points import feature_size
from edgedet.manifest import Manifest
from edgedet.outputs import KINDS
from edgedet.runtime.graph import Graph


def promised_input(graph: Graph, path: Path, manifest: Manifest) -> dict:
    """Return the interpreter's details of the only input.

    Raises:
        ModelError: It is another, or there are more.
    """
    inputs = list(graph.inputs.values())
    expected = [1, *manifest.input_size, manifest.bands]
    found = [list(map(int, details["shape"])) for details in inputs]
    if found != [expected]:
        raise ModelError(
            f"{path}: its manifest promises one input of shape {expected}, found {found}.\n"
            "Export the model again; a manifest must not be copied between files."
        )
    return inputs[0]


def promised_outputs(graph: Graph, path: Path, manifest: Manifest) -> dict[str, dict]:
    """Return the interpreter's details of each of `Manifest.tensors`, by name.

    Raises:
        ModelError: One is missing, or has another shape.
    """
    expected, found = _expected_shapes(manifest), graph.outputs
    if not expected.keys() <= found.keys():
        raise ModelError(
            f"{path}: its manifest promises outputs {sorted(expected)}, found {sorted(found)}.\n"
            "Export the model again with `edgedet export`, which names them."
        )
    for name, shape in expected.items():
        real = tuple(int(side) for side in found[name]["shape"])
        if real != shape:
            raise ModelError(
                f"{path}: its manifest promises {name} of shape {list(shape)}, found {list(real)}."
                "\nExport the model again; a manifest must not be copied between files."
            )
    return {name: found[name] for name in expected}


def _expected_shapes(manifest):
    return {
        manifest.tensor(level, kind): (
            1,
            *feature_size(manifest.input_size, level.stride),
            KINDS[kind].channels or len(manifest.class_names),
        )
        for level in manifest.levels
        for kind in manifest.kinds
    }
