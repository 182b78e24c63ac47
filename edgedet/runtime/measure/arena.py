"""The tensor arena: the working memory that a microcontroller needs for one model."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from edgedet.errors import ModelError
from edgedet.quiet import captured_stderr
from edgedet.runtime.measure.main_graph import main_graph_of

# More than any model here needs: what it takes is measured, not what is left.
ROOM = 1 << 26
# How TensorFlow Lite Micro's recording allocator reports.
TOTAL = re.compile(r"Arena allocation total (\d+) bytes")


def arena_bytes(path: Path) -> int | None:
    """Return the arena that TensorFlow Lite Micro needs, or `None` where it is not installed.

    It holds activations and the interpreter's own structures. Those contain pointers, so this
    64-bit machine's figure is an upper bound for a 32-bit microcontroller. The stages of a file,
    which videos are computed by, are no part of it.

    Args:
        path: A .tflite file; INT8, as microcontrollers run it.

    Raises:
        ModelError: The micro interpreter lacks an operator of the model.
    """
    try:
        runtime = importlib.import_module("tflite_micro").runtime
    except (ImportError, AttributeError):
        return None
    content = main_graph_of(Path(path).read_bytes())
    try:
        with captured_stderr() as said:
            interpreter = runtime.Interpreter.from_bytes(content, arena_size=ROOM)
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
