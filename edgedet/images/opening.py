"""Opening image files: whatever Pillow says of a bad one becomes a message that helps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from edgedet.errors import ImageError
from edgedet.file_part import open_binary

# How a TIFF begins, in both byte orders.
TIFF = (b"II*\0", b"MM\0*")


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Give an image file, opened by Pillow and not yet decoded.

    Raises:
        ImageError: The file is missing, damaged or no image, or turns out so in the block.
    """
    try:
        with open_binary(path) as binary, Image.open(binary) as file:
            yield file
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such image.\nCheck the path.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise ImageError(
            f"{path}: expected an image that fits into memory, found a larger one ({error}).\n"
            "Make it smaller, or remove it from the data."
        ) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{path}: expected a readable image, found {_beginning(path)}.\n{_cure(path)}"
        ) from error
    except PermissionError as error:
        raise ImageError(
            f"{path}: expected a readable image, found one that may not be read.\n"
            "Change its permissions, or remove it from the data."
        ) from error
    # On damaged files Pillow's readers raise whatever their parsers stumble over.
    except Exception as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(
            f"{path}: expected a readable image, found a damaged or unknown file ({reason}).\n"
            "Replace the file or remove it from the data."
        ) from error


def _beginning(path):
    first = _first_bytes(path)
    if first[:4] in TIFF:
        return "a TIFF that is damaged or of several bands"
    return f"a file that begins with {str(first)[1:]}" if first else "an empty file"


def _cure(path):
    if _first_bytes(path)[:4] in TIFF:
        return "Replace the file, or write all of its bands as an array with numpy.save."
    if Path(str(path)).suffix.lower() == ".raw":
        return "Only `edgedet detect --raw WxH` reads raw frames; write the others with numpy.save."
    return "Replace the file or remove it from the data."


def _first_bytes(path):
    with open_binary(path) as file:
        return file.read(16)
