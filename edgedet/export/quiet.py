"""Keeping the converter's chatter out of the terminal and in the log."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

from edgedet.quiet import captured_stderr

log = logging.getLogger(__name__)


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Send what the block writes to stderr, and its warnings, to the debug log."""
    said, warned = [], []
    handlers = list(logging.root.handlers)
    try:
        with captured_stderr() as said, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
    finally:
        # Its first message makes a handler for everyone, which would say our own words twice.
        logging.root.handlers[:] = handlers
        for line in (*said, *(str(warning.message) for warning in warned)):
            log.debug("%s", line)
