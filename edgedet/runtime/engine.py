"""One forward pass of a .tflite: named images in, named real numbers out.

Whether the file computes with 8-bit integers or with floats is seen nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from edgedet.errors import ModelError
from edgedet.geometry.points import feature_size
from edgedet.manifest import Manifest
from edgedet.outputs import KINDS
from edgedet.runtime.graph import open_graph
from edgedet.runtime.interpreter import open_interpreter


class Engine(Protocol):
    """Whatever answers by the names of a manifest: a file, a Keras model, a function of a test.

    Images are its only input, so they come as they are and not in a dict of one.
    """

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Return the raw outputs for letterboxed images.

        Args:
            images: uint8 `[B, h, w, bands]`, 0-255.

        Returns:
            float32 `[B, h_l, w_l, k]` under each name of `Manifest.tensors`.
        """


class LiteRTEngine:
    """A model file, ready to run.

    Args:
        path: A .tflite file written by `edgedet export`.
        manifest: What the file takes and gives.
        threads: CPU threads.

    Raises:
        ModelError: The file cannot be run or does not fit its manifest.
    """

    def __init__(self, path: Path, manifest: Manifest, threads: int = 1):
        graph = open_graph(path, threads)
        self._path, self._threads, self._parts = path, threads, None
        self._interpreter = graph.interpreter
        self._input = _input_of(graph, path, manifest)
        # Turns uint8 images into what the file takes.
        self.to_input = _input_code(self._input)
        self._outputs = _outputs_of(graph, path, manifest)

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Return the raw outputs for letterboxed images; see `Engine`."""
        if len(images) == 1:
            return self._run(images)
        # The file holds one image at a time, as a camera gives them.
        answers = [self._run(images[index : index + 1]) for index in range(len(images))]
        return {
            name: np.concatenate([answer[name] for answer in answers]) for name in self._outputs
        }

    def _run(self, images):
        self._interpreter.set_tensor(self._input["index"], self.to_input(images))
        self._interpreter.invoke()
        return self.real(
            {
                name: self._interpreter.get_tensor(output.index)
                for name, output in self._outputs.items()
            }
        )

    def real(self, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what the file's own numbers mean, for each name of `Manifest.tensors`."""
        return {name: output.real(tensors[name]) for name, output in self._outputs.items()}

    def part(self, name: str) -> Part:
        """Return a part of the file that was exported with a signature of its own.

        Raises:
            ModelError: There is no such part.
        """
        if self._parts is None:
            # Another interpreter: one refuses to run as a whole while a part of it is held.
            parts = open_interpreter(self._path, self._threads)
            self._parts = {
                name: Part.of(parts.get_signature_runner(name))
                for name in parts.get_signature_list()
            }
        if name not in self._parts:
            raise ModelError(
                f"{self._path}: its manifest promises a stage {name!r}, which is not there.\n"
                "Export the model again; a manifest must not be copied between files."
            )
        return self._parts[name]


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a model file, ready to run.

    Attributes:
        run: Takes named tensors of the file's own numbers, of any height and width, and returns
            such. Another size than before costs some microseconds.
        shapes: Shape of each input and output in the whole network.
    """

    run: Callable[..., dict[str, np.ndarray]]
    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, runner) -> Part:
        """Return the part that an interpreter's signature runner runs."""
        # Now: later they are those of the last run.
        details = {**runner.get_input_details(), **runner.get_output_details()}
        return cls(runner, {name: tuple(map(int, details[name]["shape"])) for name in details})


@dataclasses.dataclass(frozen=True)
class _Output:
    """Where an output lies, and what its integers mean: real = (integer - zero_point) * scale."""

    index: int
    scale: float
    zero_point: int

    def real(self, tensor):
        if tensor.dtype == np.float32:
            return tensor
        return (tensor.astype("float32") - np.float32(self.zero_point)) * np.float32(self.scale)


def _input_of(graph, path, manifest):
    inputs = list(graph.inputs.values())
    expected = [1, *manifest.input_size, manifest.bands]
    found = [list(map(int, details["shape"])) for details in inputs]
    if found != [expected]:
        raise ModelError(
            f"{path}: its manifest promises one input of shape {expected}, found {found}.\n"
            "Export the model again; a manifest must not be copied between files."
        )
    return inputs[0]


def _input_code(details):
    """Return the function that turns uint8 pixels into what the input takes."""
    if details["dtype"] == np.float32:
        return lambda images: images.astype("float32") / np.float32(255)
    scale, zero_point = details["quantization"]
    limits = np.iinfo(details["dtype"])
    # All 256 levels once: real = level / 255 = (integer - zero_point) * scale.
    integers = np.floor(np.arange(256) / (255 * float(scale)) + zero_point + 0.5)
    table = np.clip(integers, limits.min, limits.max).astype(details["dtype"])
    if table.dtype == np.int8 and np.array_equal(table, np.arange(-128, 128)):
        # Subtracting 128 flips the top bit, some ten times faster than looking up.
        return lambda images: (images ^ np.uint8(0x80)).view("int8")
    return lambda images: table[images]


def _outputs_of(graph, path, manifest):
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
    return {name: _Output(found[name]["index"], *found[name]["quantization"]) for name in expected}


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
