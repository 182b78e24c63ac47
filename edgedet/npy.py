"""Frames in NumPy's own files, `.npy`: sensors' counts with all of their bits."""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np

from edgedet.errors import ImageError
from edgedet.file_part import FilePart, open_binary

SUFFIX = ".npy"


def is_npy(path: Path) -> bool:
    """Return whether a path is named as an array file."""
    return PurePath(str(path)).suffix.lower() == SUFFIX


def read(path: Path) -> np.ndarray:
    """Return the frame in an array file, `[H, W]` or `[H, W, bands]`, in its own type.

    Raises:
        ImageError: The file is missing, damaged or holds something else.
    """
    return _load(path, None)


def read_size(path: Path) -> tuple[int, int]:
    """Return the (height, width) of the frame in an array file without reading its counts.

    Raises:
        ImageError: The file is missing, damaged or holds something else.
    """
    return _load(path, "r").shape[:2]


def _load(path, mode):
    try:
        # Only a file of its own can be mapped.
        part = isinstance(path, FilePart)
        source, mode = (open_binary(path), None) if part else (path, mode)
        array = np.load(source, mmap_mode=mode, allow_pickle=False)
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such image.\nCheck the path.") from error
    # NumPy raises whatever its parser stumbles over.
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ImageError(
            f"{path}: expected an array of counts, found a damaged or other file ({reason}).\n"
            "Write it with numpy.save."
        ) from error
    shape = getattr(array, "shape", ())
    if len(shape) not in (2, 3) or 0 in shape or array.dtype.kind not in "uif":
        raise ImageError(
            f"{path}: expected numbers [height, width] or [height, width, bands], found "
            f"{getattr(array, 'dtype', type(array).__name__)} {list(shape)}.\n"
            "Write one frame with numpy.save."
        )
    return array
