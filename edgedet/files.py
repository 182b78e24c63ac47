"""Writing files so that nothing half-written is ever left behind."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edgedet.errors import OutputError

# Begins the names of files that are being written; a killed process may leave one.
UNFINISHED = ".unfinished-"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it becomes `path`.

    The file is flushed to the disk before it is renamed, so a crash leaves either the old
    content or the new one. A link stays one: what it points to is replaced.

    Raises:
        OutputError: The folder cannot be written, the disk is full, or `path` is a device, a
            pipe or the like, which a renamed file would replace.
    """
    place, temporary = _place(path), None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=UNFINISHED, suffix=place.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flush(temporary)
        # mkstemp makes private files; a result is as readable as any other new file.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(place)
    except OSError as error:
        if not _concerns(error, place):
            raise
        raise _unwritable(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def require_writable(folder: Path) -> None:
    """Say now if no file can be written into `folder`, and make nothing yet.

    Raises:
        OutputError: It is no folder, lies in none, or may not be written.
    """
    if obstacle := _obstacle(Path(folder)):
        raise OutputError(
            f"{folder}: expected a folder that can be written, found {obstacle}.\n"
            "Name another folder."
        )


def require_writable_file(path: Path) -> None:
    """Say now if `path` can be no file, and make nothing yet.

    Raises:
        OutputError: It is a folder, a device or a pipe, or lies where nothing can be written.
    """
    place = _place(path)
    if place.is_dir():
        raise OutputError(
            f"{path}: expected the name of a file, found a folder.\nName a file in it."
        )
    if obstacle := _obstacle(place.parent):
        raise OutputError(
            f"{path}: expected a file that can be written, found {obstacle}.\n"
            "Name a file in another folder."
        )


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def _place(path: Path) -> Path:
    """Return where a file named `path` lies when all links are followed.

    Raises:
        OutputError: It is a device or a pipe, or a name that no file can have.
    """
    # Before links are followed: a pipe that a link names may have no other name.
    status = _status(path)
    if status and not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OutputError(
            f"{path}: expected the name of a file, found a device or a pipe.\n"
            "Name a file; it is written whole and then renamed, so nothing can be piped."
        )
    return Path(os.path.realpath(path))


def _obstacle(folder: Path) -> str:
    """Return what stands in the way of writing into `folder`, or nothing.

    Raises:
        OutputError: As `_status`.
    """
    # The folder first and as the user named it: what cannot be known is said of it.
    paths = (folder, *folder.absolute().parents)
    existing = next(path for path in paths if _status(path))
    if not existing.is_dir():
        return f"{existing}, which is a file"
    may_write = os.access(existing, os.W_OK | os.X_OK)
    return "" if may_write else f"{existing}, which may not be written"


def _status(path: Path) -> os.stat_result | None:
    """Return what is at `path`, links followed, or `None` where nothing is.

    Raises:
        OutputError: Nobody can know: its name is too long, links lead in a circle, or a folder on
            the way may not be entered.
    """
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror}).\n"
            "Check its name, the links in it, and that its folders may be entered."
        ) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: cannot be written ({error.strerror or error}).\n"
        "Check that the folder exists, may be written and has space left."
    )


def _concerns(error: OSError, path: Path) -> bool:
    """Return whether writing failed, and not something else that the block did."""
    if error.filename is None:
        return True
    failed, wanted = Path(os.fsdecode(error.filename)).absolute(), path.absolute()
    return failed.parent == wanted.parent or failed in wanted.parents


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
