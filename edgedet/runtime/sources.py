"""Sources of frames: image files, folders of images, MOT sequence folders, videos, cameras."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from edgedet.errors import SourceError
from edgedet.runtime.frame_files import FrameFiles

# What a model of ordinary images takes.
ORDINARY = FrameFiles()
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv")
ACCEPTED = (
    "Accepted are an image file, a folder of images, a MOT sequence folder (with img1/), a video\n"
    f"file and the number of a camera; images end in "
    f"{', '.join(ORDINARY.suffixes)},\n"
    "thermal frames also in .raw, with their size in --raw WxH,\n"
    f"videos in {', '.join(VIDEO_SUFFIXES)}."
)


class Frame(Protocol):
    """One picture of a source.

    Attributes:
        source: The file, or the number of the camera.
        shown: What to call it in messages.
        name: For files that are written about it.
        frame: Its number in the source. Frames of a MOT sequence count from 1, as in its
            annotation; all others from 0.
    """

    source: str
    shown: str
    name: str
    frame: int

    def read(self) -> np.ndarray:
        """Return the pixels, uint8 `[H, W, 3]`, or a thermal frame's counts.

        Raises:
            ImageError: They cannot be read.
        """


class Source(Protocol):
    """Frames in order, from one place; they may be gone through once.

    Attributes:
        name: For files that are written about the whole.
        first: Number of the first frame.
        count: Number of frames, or `None` where only the end will tell.
        live: Frames come when they come, whether somebody is ready or not.
    """

    name: str
    first: int
    count: int | None
    live: bool

    def __iter__(self) -> Iterator[Frame]:
        """Give the frames as they come."""


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
        """Return the pixels; see `Frame`."""
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


def open_source(source: str, files: FrameFiles = ORDINARY) -> Source:
    """Return a source of any kind, after a look whether it is there.

    Args:
        source: An image file, a folder of images (sorted by name), a MOT sequence folder, a video
            file or the number of a camera.
        files: How files are read.

    Raises:
        SourceError: It does not exist, is of another kind, holds no image or cannot be opened.
        MissingExtraError: It is a video or a camera, and PyAV is not installed.
    """
    path = Path(source)
    if source.isdecimal() and not path.exists():
        from edgedet.runtime.camera import Camera

        return Camera(int(source))
    if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file():
        from edgedet.runtime.video import Video

        return Video(path)
    return Stills(path.absolute().name or source, tuple(stills(source, files)))


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
    sequence = folder / "img1"
    inside, first = (sequence, 1) if sequence.is_dir() else (folder, 0)
    try:
        paths = sorted(path for path in inside.iterdir() if path.suffix.lower() in files.suffixes)
    except OSError as error:
        raise SourceError(f"{inside}: cannot be listed ({error.strerror}).\n{ACCEPTED}") from error
    if not paths:
        raise SourceError(f"{inside}: expected images in this folder, found none.\n{ACCEPTED}")
    return [Still(path, first + index, files) for index, path in enumerate(paths)]


def _looks_like_image(path):
    """Return whether Pillow knows the file, for images without a telling name."""
    from PIL import Image

    try:
        with Image.open(path):
            return True
    except (OSError, ValueError, SyntaxError):
        return False
