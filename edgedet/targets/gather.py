"""Looking things up in each image of a batch."""

from keras import ops


def pick(array, index):
    """Return `array[b, index[b, ...]]` for every image b, `[B, ..., *]`.

    Args:
        array: `[B, N, *]`, any further axes.
        index: int `[B, ...]` in 0..N-1.
    """
    batch, count = ops.shape(array)[:2]
    first = ops.arange(batch, dtype="int32") * count
    first = ops.reshape(first, (batch, *[1] * (len(index.shape) - 1)))
    flat = ops.reshape(array, (batch * count, *array.shape[2:]))
    return ops.take(flat, index + first, axis=0)
