"""The points that answer for objects: the centres of all cells of all levels."""

import numpy as np


def feature_size(input_size, stride):
    """Return (height, width) of the feature map of `stride` for an input of `input_size`."""
    return -(-input_size[0] // stride), -(-input_size[1] // stride)


def level_axes(size, stride):
    """Return the x of each column, float32 `[W]`, and the y of each row, `[H]`, of one level."""
    height, width = size
    return tuple(((np.arange(n) + 0.5) * stride).astype("float32") for n in (width, height))


def level_points(size, stride):
    """Return the cell centres of one level, float32 `[H*W, 2]` as (x, y), row by row."""
    return np.stack(np.meshgrid(*level_axes(size, stride)), axis=-1).reshape(-1, 2)


def grid_points(input_size, strides):
    """Return the points of all levels together.

    Args:
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level in pixels, in the order of the levels.

    Returns:
        points: float32 `[P, 2]`, (x, y) in input pixels.
        point_strides: float32 `[P]`, the stride of each point's level.
    """
    per_level = [level_points(feature_size(input_size, stride), stride) for stride in strides]
    counts = [len(points) for points in per_level]
    return np.concatenate(per_level), np.repeat(np.array(strides, "float32"), counts)
