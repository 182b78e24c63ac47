"""A model file, opened: its inputs and outputs by the names that a signature gives them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from edgedet.runtime.interpreter import open_interpreter

# The signature that an export writes.
SIGNATURE = "serving_default"


@dataclasses.dataclass(frozen=True)
class Graph:
    """An interpreter that is ready to run, and what goes in and out.

    Attributes:
        interpreter: Of LiteRT or an older one, its tensors allocated.
        inputs: Name -> the interpreter's details (`index`, `shape`, `dtype`, `quantization`).
        outputs: Likewise.
    """

    interpreter: Any
    inputs: dict[str, dict]
    outputs: dict[str, dict]


def open_graph(path: Path, threads: int = 1, optimized: bool = True) -> Graph:
    """Return the model file `path`, ready to run.

    In a file without the signature, inputs and outputs are known by the names of their tensors.

    Args:
        path: A .tflite file.
        threads: CPU threads; more are faster until the board's cores are busy.
        optimized: False keeps the operators as they are in the file, to look at them.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing, no .tflite, or cannot be run.
    """
    interpreter = open_interpreter(path, threads, optimized)
    if SIGNATURE in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(SIGNATURE)
        return Graph(interpreter, runner.get_input_details(), runner.get_output_details())
    return Graph(
        interpreter,
        _by_tensor_name(interpreter.get_input_details()),
        _by_tensor_name(interpreter.get_output_details()),
    )


def _by_tensor_name(tensors):
    # TensorFlow numbers the results of an operation: the only one of most is `name:0`.
    return {details["name"].removesuffix(":0"): details for details in tensors}
