"""The centre-cell code: where in its cell a box is centred, and how large it is.

(dx, dy, ln w, ln h): the offset of the box centre from the cell's centre and the logarithm of
the sides, all in strides. `encode` and `decode` undo each other for boxes with positive sides.
The networks here speak `ltrb`; this is the code of the first Phantom, kept for its assigner.
"""

from edgedet.geometry.arrays import namespace_of
from edgedet.geometry.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh


def encode(boxes, points, strides):
    """Return the code, `[..., 4]`, of xyxy `boxes` seen from cell centres `points`."""
    xp = namespace_of(boxes, points)
    boxes_cxcywh = xyxy_to_cxcywh(boxes)
    offset = (boxes_cxcywh[..., :2] - points) / strides[..., None]
    size = xp.log(boxes_cxcywh[..., 2:] / strides[..., None])
    return xp.concatenate([offset, size], axis=-1)


def decode(code, points, strides):
    """Return the xyxy boxes, `[..., 4]`, that `code` means at cell centres `points`."""
    xp = namespace_of(code, points)
    centre = points + code[..., :2] * strides[..., None]
    sides = xp.exp(code[..., 2:]) * strides[..., None]
    return cxcywh_to_xyxy(xp.concatenate([centre, sides], axis=-1))
