"""What tools share that compare trained models: running edgedet, measuring, and tables."""

import json
import shlex
import subprocess
import sys

from edgedet.errors import OutputError
from edgedet.files import replacing, require_writable_file


def edgedet(*words):
    """Run a command of this Python's edgedet; return how it ended and what it printed."""
    words = [str(word) for word in words]
    print("edgedet", shlex.join(words), file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "edgedet", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)


def measure(model, data, result):
    """Return the metrics of a model on the val part of `data`, kept in the file `result`."""
    if not result.is_file():
        done = edgedet("evaluate", model, "--data", data, "--json")
        if done.returncode:
            raise SystemExit(f"{model} could not be evaluated; what is finished is kept.")
        with replacing(result) as temporary:
            temporary.write_text(done.stdout)
    return json.loads(result.read_text())


def require_keras_file(path):
    """Refuse, before any work, a path at which no Keras model can be saved.

    Raises:
        OutputError: It does not end in .keras, or nothing can be written there.
    """
    if path.suffix != ".keras":
        raise OutputError(
            f"{path}: expected a name that ends in .keras, found {path.suffix or 'none'}.\n"
            f"Name it {path.stem.strip('.') or 'model'}.keras, for example."
        )
    require_writable_file(path)


def table(heads, rows):
    """Return a table in Markdown; its first column is of words, the others are of figures."""
    lines = [["", *heads], ["---", *["--:"] * len(heads)], *rows]
    return "".join(f"|{'|'.join(pad(cell) for cell in line)}|\n" for line in lines)


def pad(cell):
    """Return a cell as tables have it."""
    return cell if cell.startswith("--") else f" {cell} " if cell else " "


def figure(value):
    """Return a number as tables have it."""
    return "-" if value is None else f"{value:.3f}".removeprefix("0")
