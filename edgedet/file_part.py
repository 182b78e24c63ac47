"""A file that lies inside a larger one, as images lie in shards; read like any other file."""

from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path, PurePosixPath
from typing import BinaryIO


@dataclasses.dataclass(frozen=True)
class FilePart:
    """Some bytes of a file, with a name of their own.

    Attributes:
        path: The file.
        start: Place of the first byte.
        length: Number of bytes.
        name: What the part was called as a file of its own, with its folders.
        header: What a reader of images would find out first: the (height, width) of the upright
            image, and whether it is a plain JPEG; see `images.read_header`.
    """

    path: Path
    start: int
    length: int
    name: str
    header: tuple[tuple[int, int], bool]

    def __str__(self) -> str:
        return f"{self.path}/{self.name}"

    @property
    def stem(self) -> str:
        """The last part of the name, without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def parent(self) -> PurePosixPath:
        """The folder of the name."""
        return PurePosixPath(str(self)).parent

    def is_file(self) -> bool:
        """Return whether the file is there."""
        return self.path.is_file()

    def read_bytes(self) -> bytes:
        """Return the bytes; fewer where the file breaks off."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.length)


def open_binary(path: os.PathLike | str | FilePart) -> BinaryIO:
    """Return a file, or a part of one, opened for reading."""
    if isinstance(path, FilePart):
        return io.BytesIO(path.read_bytes())
    return open(path, "rb")
