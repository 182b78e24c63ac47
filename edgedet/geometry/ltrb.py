"""The box code: distances from a point to the left, top, right and bottom sides.

Distances are in strides, so a head says numbers of the same size on every level.
`encode` and `decode` undo each other; nothing else in the package knows the code.
"""

import numpy as np

from edgedet.geometry.arrays import namespace_of

# Which way from the point each distance leads.
OUTWARDS = np.array([-1, -1, 1, 1], "float32")


def encode(boxes, points, strides):
    """Return the `ltrb` code, `[..., 4]`, of `boxes` seen from `points`.

    Args:
        boxes: `[..., 4]` xyxy in pixels.
        points: `[..., 2]` (x, y) in pixels.
        strides: `[...]` pixels per cell.
    """
    xp = namespace_of(boxes, points)
    x, y = points[..., 0], points[..., 1]
    left, top = x - boxes[..., 0], y - boxes[..., 1]
    right, bottom = boxes[..., 2] - x, boxes[..., 3] - y
    return xp.stack([left, top, right, bottom], axis=-1) / strides[..., None]


def decode(ltrb, points, strides):
    """Return the boxes, `[..., 4]` as xyxy in pixels, that `ltrb` means at `points`."""
    xp = namespace_of(ltrb, points)
    outwards = ltrb * strides[..., None] * OUTWARDS
    return xp.concatenate([points, points], axis=-1) + outwards


def activate(raw):
    """Return what a head says, any real number, as distances >= 0 (softplus).

    It stays outside the exported graph: an exponential among 8-bit integers would spend its
    256 steps on the few largest boxes, while the raw number is nearly linear in the distance.
    """
    xp = namespace_of(raw)
    size = xp.abs(raw)
    # (raw + size) / 2 is the larger of raw and 0, with the right slope, a half, at 0.
    return (raw + size) / 2 + xp.log1p(xp.exp(-size))
