"""What a command may be given as a model in training: a run folder or a .keras file."""

from __future__ import annotations

import contextlib
import ctypes
import os

# Of glibc's mallopt(3): larger blocks come from the system, more free memory goes back to it.
MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
KEPT_BYTES = 2**30


def start_tensorflow() -> None:
    """Import TensorFlow without its greetings, so that stderr shows only what we say."""
    from edgedet.quiet import captured_stderr

    _keep_memory()
    # XLA tells of its first compilation, which comes much later.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with captured_stderr():
        import tensorflow as tf  # noqa: TID251

        # The first operation looks for GPUs, and complains where there is none.
        tf.zeros(1)


def _keep_memory():
    """Let the C library keep what is freed: batches are as large as those before them.

    Otherwise it gives large blocks back to Linux, which clears each page of them anew; for the
    input pipeline that is up to a fifth of its time.
    """
    with contextlib.suppress(OSError, AttributeError):  # Another C library.
        set_option = ctypes.CDLL("libc.so.6").mallopt
        set_option(MMAP_THRESHOLD, KEPT_BYTES)
        set_option(TRIM_THRESHOLD, KEPT_BYTES)
