"""One forward pass of a .tflite: named images in, named real numbers out.

Whether the file computes with 8-bit integers or with floats is seen nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from edgedet.errors import ModelError
from edgedet.manifest import Manifest
from edgedet.runtime.graph import open_graph
from edgedet.runtime.integers import OutputCode, input_code
from edgedet.runtime.interpreter import open_interpreter
from edgedet.runtime.promises import promised_input, promised_outputs
from edgedet.runtime.stage_runner import StageRunner


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
        self._path, self._threads, self._stages = path, threads, None
        self._interpreter = graph.interpreter
        self._input = promised_input(graph, path, manifest)
        # Turns uint8 images into what the file takes.
        self.to_input = input_code(self._input)
        self._outputs = {
            name: OutputCode(details["index"], *details["quantization"])
            for name, details in promised_outputs(graph, path, manifest).items()
        }

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

    def stage(self, name: str) -> StageRunner:
        """Return a stage of the network, which the file has under a signature of its own.

        Raises:
            ModelError: There is no such stage.
        """
        if self._stages is None:
            # Another interpreter: one refuses to run as a whole while a stage of it is held.
            interpreter = open_interpreter(self._path, self._threads)
            self._stages = {
                each: StageRunner.of(interpreter.get_signature_runner(each))
                for each in interpreter.get_signature_list()
            }
        if name not in self._stages:
            raise ModelError(
                f"{self._path}: its manifest promises a stage {name!r}, which is not there.\n"
                "Export the model again; a manifest must not be copied between files."
            )
        return self._stages[name]
