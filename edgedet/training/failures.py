"""What ends a training from outside: images that are gone, machines that do not answer."""

from __future__ import annotations

import contextlib
import re
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
# What else TensorFlow writes into the line of a reason, which says nothing to a user.
AROUND = re.compile(
    r"^(\{\{function_node .*?\}\} )?(Error in user-defined function .*? with iterator: \S+: )?"
)
CURE = (
    "Bring the data back, then start again; `edgedet train` goes on with --resume after the last "
    "finished epoch."
)


@contextlib.contextmanager
def explaining(recipe: Recipe, cure: str = CURE) -> Iterator[None]:
    """Say in words what TensorFlow raises while the block runs; see `explained`."""
    try:
        yield
    except tf.errors.OpError as error:
        raise explained(error, recipe, cure) from error


def explained(error: tf.errors.OpError, recipe: Recipe, cure: str = CURE) -> Exception:
    """Return what to tell a user of an error in the middle of a training, or the error itself.

    Args:
        error: What TensorFlow raised.
        recipe: What was being followed.
        cure: What to do when an image is gone.
    """
    reason = _reason(str(error.message))
    if recipe.strategy == "multiworker" and isinstance(error, LOST_MACHINE):
        return EdgedetError(
            f"a machine of TF_CONFIG does not answer any more ({reason}).\n"
            "Start all again with --resume; the last finished epoch is kept."
        )
    if "IteratorGetNext" in str(error) and isinstance(error, LOST_DATA):
        return DataError(
            f"{', '.join(recipe.data)}: an image can be read no more ({reason}).\n{cure}"
        )
    return error


def _reason(message):
    """Return the line of a message of TensorFlow that says what went wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    # The nodes of its graph, and functions around them, are named after the reason, and where the
    # graph was built before it.
    ends = [number for number, line in enumerate(lines) if line.startswith("[[")]
    line = lines[max(0, ends[0] - 1)] if ends else "".join(lines[:1])
    return AROUND.sub("", line)
