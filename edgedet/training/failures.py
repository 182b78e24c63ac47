"""What ends a training from outside: images that are gone, machines that do not answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from edgedet.errors import DataError, EdgedetError
from edgedet.training.recipe import Recipe

# What TensorFlow says when a file is missing, forbidden, cut short or no image any more.
LOST_DATA = (
    tf.errors.NotFoundError,
    tf.errors.PermissionDeniedError,
    tf.errors.FailedPreconditionError,
    tf.errors.DataLossError,
    tf.errors.InvalidArgumentError,
)
# And when a machine is missing.
LOST_MACHINE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


@contextlib.contextmanager
def explaining(recipe: Recipe) -> Iterator[None]:
    """Say in words what TensorFlow raises while the block runs; see `explained`."""
    try:
        yield
    except tf.errors.OpError as error:
        raise explained(error, recipe) from error


def explained(error: tf.errors.OpError, recipe: Recipe) -> Exception:
    """Return what to tell a user of an error in the middle of a training, or the error itself.

    Args:
        error: What TensorFlow raised.
        recipe: What was being followed.
    """
    reason = _reason(str(error.message))
    if recipe.strategy == "multiworker" and isinstance(error, LOST_MACHINE):
        return EdgedetError(
            f"a machine of TF_CONFIG does not answer any more ({reason}).\n"
            "Start all again with --resume; the last finished epoch is kept."
        )
    if "IteratorGetNext" in str(error) and isinstance(error, LOST_DATA):
        return DataError(
            f"{', '.join(recipe.data)}: an image can be read no more ({reason}).\n"
            "Bring the data back, then start again; `edgedet train` goes on with --resume after "
            "the last finished epoch."
        )
    return error


def _reason(message):
    """Return the line of a message of TensorFlow that says what went wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    # The nodes of its graph are named after the reason, and where the graph was built before it.
    ends = [number for number, line in enumerate(lines) if line.startswith("[[{{node")]
    return lines[max(0, ends[0] - 1)] if ends else "".join(lines[:1])
