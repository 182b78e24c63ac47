"""Loading what a command works with: TensorFlow, and a detector from any kind of model."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

# Of glibc's mallopt(3): larger blocks come from the system, more free memory goes back to it.
MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
KEPT_BYTES = 2**30


def start_tensorflow() -> None:
    """Import TensorFlow without its greetings, so that stderr shows only what we say."""
    from edgedet.quiet import captured_stderr

    prepare_process()
    with captured_stderr():
        import tensorflow as tf  # noqa: TID251

        # The first operation looks for GPUs, and complains where there is none.
        tf.zeros(1)


def prepare_process() -> None:
    """Set what TensorFlow asks this process when it is imported."""
    _keep_memory()
    # By itself TensorFlow takes oneDNN's convolutions only where a CPU has AVX-512; without them a
    # training step takes up to twice the time.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    # XLA tells of its first compilation, which comes much later.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")


def load_detector(model: Path, threads: int):
    """Return the `EdgeDetector` of a .tflite, a run folder or a .keras file.

    Args:
        model: Any of them.
        threads: CPU threads of a .tflite; Keras takes all there are.

    Raises:
        EdgedetError: It is missing, damaged or no model.
    """
    from edgedet.runtime import EdgeDetector

    if model.suffix == ".tflite" and not model.is_dir():
        return EdgeDetector.load(model, threads=threads)
    start_tensorflow()
    from edgedet.models import keras_engine
    from edgedet.training import load_trained

    trained, _ = load_trained(model)
    return EdgeDetector(keras_engine(trained, learns=False), trained.manifest())


def _keep_memory():
    """Let the C library keep what is freed: batches are as large as those before them.

    Otherwise it gives large blocks back to Linux, which clears each page of them anew; for the
    input pipeline that is up to a fifth of its time.
    """
    with contextlib.suppress(OSError, AttributeError):  # Another C library.
        set_option = ctypes.CDLL("libc.so.6").mallopt
        set_option(MMAP_THRESHOLD, KEPT_BYTES)
        set_option(TRIM_THRESHOLD, KEPT_BYTES)
