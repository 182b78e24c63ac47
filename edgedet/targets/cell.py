"""Centre-cell assignment: the one cell that holds the centre of an object answers for it."""

import numpy as np

from edgedet.geometry import center_size
from edgedet.geometry.points import level_points


def assign_center_cell(boxes, feature_size, stride):
    """Return what each cell of one level should answer.

    A centre outside the image belongs to the nearest cell, sides count as at least one pixel,
    and of two boxes in a cell the later wins.

    Args:
        boxes: float `[G, 4]` xyxy in pixels.
        feature_size: (height, width) of the level in cells.
        stride: Pixels per cell.

    Returns:
        Dict of `positive`, bool `[H, W]`, and `box`, float32 `[H, W, 4]`: (dx, dy, ln w, ln h)
        from the cell's centre, in strides; zeros elsewhere.
    """
    height, width = feature_size
    boxes = np.asarray(boxes, "float32").reshape(-1, 4)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    columns = np.clip(centres[:, 0] // stride, 0, width - 1).astype(int)
    rows = np.clip(centres[:, 1] // stride, 0, height - 1).astype(int)
    half = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0) / 2
    sized = np.concatenate([centres - half, centres + half], axis=-1)

    points = level_points(feature_size, stride).reshape(height, width, 2)[rows, columns]
    positive = np.zeros((height, width), bool)
    code = np.zeros((height, width, 4), "float32")
    positive[rows, columns] = True
    # NumPy assigns in order, so the later box of a cell stays.
    code[rows, columns] = center_size.encode(sized, points, np.full(len(sized), stride, "float32"))
    return {"positive": positive, "box": code}
