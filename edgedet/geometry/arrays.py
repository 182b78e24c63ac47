"""Which of the two worlds an array belongs to: NumPy or Keras."""

import numpy as np

NUMPY_TAKES = (np.ndarray, np.generic, float, int, list, tuple)


def namespace_of(*arrays):
    """Return the module whose functions accept `arrays`: `numpy` or `keras.ops`.

    One tensor among them is enough: `keras.ops` accepts NumPy arrays too.
    """
    if all(isinstance(array, NUMPY_TAKES) for array in arrays):
        return np
    # Only tensors get here, so Keras is loaded already: the device never runs this.
    from keras import ops  # noqa: TID251

    return ops


def columns(array):
    """Return the entries of the last axis one by one, `[..., N]` -> N of `[...]`.

    Slices would do, but each has a gradient as large as the array.
    """
    if isinstance(array, np.ndarray):
        return tuple(np.moveaxis(array, -1, 0))
    return namespace_of(array).unstack(array, axis=-1)
