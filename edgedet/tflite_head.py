"""How a .tflite begins: what any file is asked before something in it is believed."""

from __future__ import annotations

import stat
from pathlib import Path

from edgedet.errors import EdgedetError

# Every .tflite says so in its bytes 4 to 8.
IDENTIFIER = b"TFL3"


def require_tflite(path: Path, error: type[EdgedetError]) -> None:
    """Say what `path` is, if it is no .tflite that can be read.

    Args:
        path: A file.
        error: What to raise.

    Raises:
        EdgedetError: Of the kind `error`: it is missing, a folder, a device or a pipe, may not be
            read, or begins otherwise.
    """
    path = Path(path)
    try:
        _refuse_special(path, error)
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise error(f"{path}: there is no such model file.\nCheck the path.") from None
    except IsADirectoryError:
        raise error(
            f"{path}: expected a .tflite file, found a folder.\nName the file in it."
        ) from None
    except OSError as reason:
        raise error(
            f"{path}: the model file cannot be read ({reason.strerror}).\n"
            "Check the path, and that you may read the file."
        ) from reason
    if head[4:] != IDENTIFIER:
        found = f"one that begins with {head!r}" if head else "an empty one"
        raise error(
            f"{path}: expected a .tflite file, found {found}.\n"
            "Name a file that `edgedet export` wrote, or export the model again."
        )


def _refuse_special(path, error):
    # Opening a pipe would wait for somebody to write into it.
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise error(
            f"{path}: expected a .tflite file, found a device or a pipe.\n"
            "Name a file; a model is read in several places, so none can be piped."
        )
