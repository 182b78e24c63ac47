"""Video files, decoded frame by frame with PyAV (the `video` extra)."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgedet.errors import MissingExtraError, SourceError

# How files of videos end.
VIDEOS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv")

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """One decoded frame of a video or a camera; see `source.Frame`.

    Attributes:
        source: The file, or the number of the camera.
        name: For files that are written about it.
        frame: Its number, from 0.
        pixels: uint8 `[H, W, 3]`, upright.
        arrived: When it came, in seconds of `time.perf_counter`.
    """

    source: str
    name: str
    frame: int
    pixels: np.ndarray
    arrived: float = dataclasses.field(default_factory=time.perf_counter)

    @property
    def shown(self) -> str:
        """The source and the number of the frame."""
        return f"{self.source}, frame {self.frame}"

    def read(self) -> np.ndarray:
        """Return the pixels."""
        return self.pixels


class Video:
    """The frames of a video file.

    Args:
        path: A file in any format that FFmpeg reads.

    Raises:
        SourceError: It is no video.
        MissingExtraError: PyAV is not installed.
    """

    first, count, live = 0, None, False

    def __init__(self, path: Path):
        self._path = path
        self.name = path.stem
        with opened(str(path), str(path)):
            pass

    def __iter__(self) -> Iterator[Picture]:
        with opened(str(self._path), str(self._path)) as container:
            for number, pixels in enumerate(decoded(container, str(self._path))):
                name = f"{self.name}-{number:06d}"
                yield Picture(str(self._path), name, number, pixels)


@contextlib.contextmanager
def opened(file: str, shown: str, **options):
    """Give an open PyAV container with a video stream, and close it at the end.

    Args:
        file: What FFmpeg is to open.
        shown: What to call it in messages.
        **options: For `av.open`.

    Raises:
        SourceError: It cannot be opened, or has no pictures.
        MissingExtraError: PyAV is not installed.
    """
    av = _require_av(shown)
    try:
        container = av.open(file, **options)
    # PyAV raises ValueError for an input format that its FFmpeg was built without.
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(
            f"{shown}: expected a video that can be opened ({error}).\n"
            "Check that it is there, whole, and not in use."
        ) from error
    with container:
        if not container.streams.video:
            raise SourceError(f"{shown}: expected pictures, found none.\nChoose another file.")
        yield container


def decoded(container, shown: str) -> Iterator[np.ndarray]:
    """Give the pictures of a container, uint8 `[H, W, 3]`, upright, until it ends or breaks."""
    import av

    try:
        for frame in container.decode(video=0):
            # A telephone held upright records lying pictures and says how to turn them.
            yield np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
    except av.FFmpegError as error:
        log.warning("%s: ends early, its next frame is damaged (%s)", shown, error)


def _require_av(shown):
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            f"{shown}: videos and cameras need PyAV, which is not installed.\n"
            "pip install 'edgedet[video]', or give a folder of images."
        ) from error
    return av
