"""Sources of frames: image files, folders of images, MOT sequence folders."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from edgedet.errors import SourceError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp", ".ppm", ".pgm")
ACCEPTED = (
    "Accepted are an image file, a folder of images and a MOT sequence folder (with img1/);\n"
    f"images end in {', '.join(SUFFIXES)}."
)


@dataclasses.dataclass(frozen=True)
class Still:
    """One image of a source, not yet read: its file and its number in the source.

    Frames of a MOT sequence count from 1, as in its annotation; those of a folder from 0.
    """

    path: Path
    frame: int


def stills(source: str) -> list[Still]:
    """Return the images of one source, in order.

    Args:
        source: An image file, a folder of images (sorted by name) or a MOT sequence folder.

    Raises:
        SourceError: It does not exist, is of another kind, or holds no image.
    """
    path = Path(source)
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise SourceError(f"{source}: there is no such file or folder.\n{ACCEPTED}")
    if path.suffix.lower() not in SUFFIXES and not _looks_like_image(path):
        raise SourceError(f"{source}: expected images, found a file of another kind.\n{ACCEPTED}")
    return [Still(path, 0)]


def _of_folder(folder):
    sequence = folder / "img1"
    inside, first = (sequence, 1) if sequence.is_dir() else (folder, 0)
    try:
        files = sorted(path for path in inside.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise SourceError(f"{inside}: cannot be listed ({error.strerror}).\n{ACCEPTED}") from error
    if not files:
        raise SourceError(f"{inside}: expected images in this folder, found none.\n{ACCEPTED}")
    return [Still(path, first + index) for index, path in enumerate(files)]


def _looks_like_image(path):
    """Return whether Pillow knows the file, for images without a telling name."""
    from PIL import Image

    try:
        with Image.open(path):
            return True
    except (OSError, ValueError, SyntaxError):
        return False
