"""Catching what native libraries write to stderr, so that a terminal shows only our words."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

STDERR = 2


@contextlib.contextmanager
def captured_stderr() -> Iterator[list[str]]:
    """Give a list that holds, when the block has ended, the lines it wrote to stderr.

    The file descriptor itself is redirected, because C++ knows nothing of `sys.stderr`; while
    the block runs, that holds for every thread of the process. Nothing is captured where the
    process has no stderr, or a board no place for a temporary file.
    """
    lines: list[str] = []
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.TemporaryFile())
            original = os.dup(STDERR)
        except OSError:
            yield lines
            return
        _flush()
        os.dup2(file.fileno(), STDERR)
        try:
            yield lines
        finally:
            _flush()
            os.dup2(original, STDERR)
            os.close(original)
            file.seek(0)
            lines += file.read().decode(errors="replace").splitlines()


def _flush():
    # A process that was started without stderr has `None` there.
    if sys.stderr is not None:
        sys.stderr.flush()
