"""Opening a source of frames: whatever kind a user names, recognized by how it looks."""

from __future__ import annotations

from pathlib import Path

from edgedet.runtime.sources.camera import Camera
from edgedet.runtime.sources.frame_files import FrameFiles
from edgedet.runtime.sources.source import Source
from edgedet.runtime.sources.stills import ORDINARY, Stills, stills
from edgedet.runtime.sources.video import VIDEOS, Video


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
        return Camera(int(source))
    if path.suffix.lower() in VIDEOS and path.is_file():
        return Video(path)
    return Stills(path.absolute().name or source, tuple(stills(source, files)))
