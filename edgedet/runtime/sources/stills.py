"""Image files, folders of images and MOT sequence folders as sources of frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgedet.errors import SourceError
from edgedet.runtime.sources.frame_files import FrameFiles
from edgedet.runtime.sources.video import VIDEOS

# What a model of ordinary images takes.
ORDINARY = FrameFiles()
ACCEPTED = (
    "Accepted are an image file, a folder of images, a MOT sequence folder (with img1/), a video\n"
    f"file and the number of a camera; images end in "
    f"{', '.join(ORDINARY.suffixes)},\n"
    "thermal frames also in .raw, with their size in --raw WxH,\n"
    f"videos in {', '.join(VIDEOS)}."
)


@dataclasses.dataclass(frozen=True)
class Still:
    """One image of a source, not yet read: its file and its number in the source."""

    path: Path
    frame: int
    files: FrameFiles = ORDINARY

    @property
    def source(self) -> str:
        """The path as text."""
        return str(self.path)

    shown = source

    @property
    def name(self) -> str:
        """The name of the file, without what follows the point."""
        return self.path.stem

    def read(self) -> np.ndarray:
        """Return the pixels; see `source.Frame`."""
        return self.files.read(self.path)


@dataclasses.dataclass(frozen=True)
class Stills:
    """A file, or a folder of images or frames."""

    name: str
    frames: tuple[Still, ...]
    live = False

    @property
    def first(self) -> int:
        """Number of the first frame."""
        return self.frames[0].frame

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.frames)

    def __iter__(self) -> Iterator[Still]:
        return iter(self.frames)


def stills(source: str, files: FrameFiles = ORDINARY) -> list[Still]:
    """Return the images of one source, in order.

    Args:
        source: An image file, a folder of images (sorted by name) or a MOT sequence folder.
        files: How they are read.

    Raises:
        SourceError: It does not exist, is of another kind, or holds no image.
    """
    path = Path(source)
    if path.is_dir():
        return _of_folder(path, files)
    if not path.exists():
        raise SourceError(f"{source}: there is no such file or folder.\n{ACCEPTED}")
    if path.suffix.lower() not in files.suffixes and not _looks_like_image(path):
        raise SourceError(f"{source}: expected images, found a file of another kind.\n{ACCEPTED}")
    return [Still(path, 0, files)]


def _of_folder(folder, files):
    try:
        sequence = folder / "img1"
        inside, first = (sequence, 1) if sequence.is_dir() else (folder, 0)
        paths = sorted(path for path in inside.iterdir() if _is_named_as_image(path, files))
    except OSError as error:
        raise SourceError(f"{folder}: cannot be listed ({error.strerror}).\n{ACCEPTED}") from error
    if not paths:
        raise SourceError(f"{inside}: expected images in this folder, found none.\n{ACCEPTED}")
    return [Still(path, first + index, files) for index, path in enumerate(paths)]


def _is_named_as_image(path, files):
    # What a hidden file holds is its program's business: a thumbnail, or half of a picture.
    return path.suffix.lower() in files.suffixes and not path.name.startswith(".")


def _looks_like_image(path):
    """Return whether Pillow knows the file, for images without a telling name."""
    from PIL import Image

    try:
        with Image.open(path):
            return True
    except (OSError, ValueError, SyntaxError):
        return False
