"""The tensor arena: the working memory that a microcontroller needs for one model."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from edgedet.errors import ModelError
from edgedet.quiet import captured_stderr

# How TensorFlow Lite Micro's recording allocator reports.
TOTAL = re.compile(r"Arena allocation total (\d+) bytes")


def arena_bytes(path: Path) -> int | None:
    """Return the arena that TensorFlow Lite Micro needs, or `None` where it is not installed.

    It holds activations and the interpreter's own structures. Those contain pointers, so this
    64-bit machine's figure is an upper bound for a 32-bit microcontroller.

    Args:
        path: A .tflite file; INT8, as microcontrollers run it.

    Raises:
        ModelError: The micro interpreter lacks an operator of the model.
    """
    try:
        runtime = importlib.import_module("tflite_micro").runtime
    except (ImportError, AttributeError):
        return None
    try:
        with captured_stderr() as said:
            interpreter = runtime.Interpreter.from_file(str(path))
            interpreter.invoke()
            interpreter.print_allocations()
    except RuntimeError as error:
        raise ModelError(
            f"{path}: TensorFlow Lite Micro cannot run this model ({said[0] if said else error}).\n"
            "A microcontroller lacks the operator too; replace it in the network."
        ) from error
    totals = [int(match[1]) for match in map(TOTAL.search, said) if match]
    # A release that reports in other words is no reason to stop the command.
    return totals[0] if totals else None
