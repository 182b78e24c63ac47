"""Opening a .tflite with whichever interpreter this board has."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

from edgedet.errors import MissingExtraError, ModelError
from edgedet.quiet import captured_stderr
from edgedet.tflite_head import require_tflite

# In order of preference: the maintained one first, then what older boards have.
INTERPRETERS = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")

# How an interpreter begins a line that a user need not read.
REMARK = "INFO:"

log = logging.getLogger(__name__)


def open_interpreter(path: Path, threads: int = 1, optimized: bool = True):
    """Return an interpreter of the model file `path`, ready to run.

    What it says meanwhile goes to the log: its remarks for those who debug, the rest as
    warnings.

    Args:
        path: A .tflite file.
        threads: CPU threads; more are faster until the board's cores are busy.
        optimized: False keeps the operators as they are in the file, to look at them;
            True lets the interpreter replace them by fused ones.

    Raises:
        MissingExtraError: No interpreter is installed.
        ModelError: The file is missing, no .tflite, or cannot be run.
    """
    # The interpreters do not check this themselves before they follow offsets in the file.
    require_tflite(path, ModelError)
    module = find_interpreter()
    options = {}
    if not optimized:
        resolvers = module.OpResolverType
        options["experimental_op_resolver_type"] = resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    said: list[str] = []
    try:
        with captured_stderr() as said:
            interpreter = module.Interpreter(model_path=str(path), num_threads=threads, **options)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{path}: expected a model that {module.__name__} can run, found: {error}\n"
            "Export the model again with `edgedet export`, or update the interpreter."
        ) from error
    finally:
        _pass_on(said)
    return interpreter


def find_interpreter():
    """Return the module of the first interpreter that is installed.

    Raises:
        MissingExtraError: There is none.
    """
    reasons = []
    for name in INTERPRETERS:
        try:
            return importlib.import_module(name)
        except ImportError as error:
            reasons.append(f"{name}: {error}")
    raise MissingExtraError(
        f"No interpreter for .tflite files can be imported ({'; '.join(reasons)}).\n"
        "pip install ai-edge-litert, or on an older board tflite-runtime==2.14.0 with numpy<2."
    )


def _pass_on(said):
    for line in said:
        log.log(logging.DEBUG if line.startswith(REMARK) else logging.WARNING, "%s", line)
