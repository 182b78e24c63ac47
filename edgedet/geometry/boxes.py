"""Boxes as `[..., 4]` xyxy, in pixels: area, overlap, conversion.

Every function takes NumPy arrays or Keras tensors and returns the same kind. Overlaps are
differentiable; a box without area overlaps nothing, and no division is by zero.

GIoU: Rezatofighi et al. 2019, https://arxiv.org/abs/1902.09630
DIoU and CIoU: Zheng et al. 2020, https://arxiv.org/abs/1911.08287
"""

import math

from edgedet.geometry.arrays import columns, namespace_of

# Keeps divisions finite; far below the area of any box that a pixel can show.
EPSILON = 1e-7


def area(boxes):
    """Return the area of each box, `[...]`; a box with a negative side has none."""
    xp = namespace_of(boxes)
    left, top, right, bottom = columns(boxes)
    return xp.maximum(right - left, 0) * xp.maximum(bottom - top, 0)


def intersection(a, b):
    """Return the area that each `a` shares with its `b`, `[...]`."""
    xp = namespace_of(a, b)
    a, b = columns(a), columns(b)
    width = xp.minimum(a[2], b[2]) - xp.maximum(a[0], b[0])
    height = xp.minimum(a[3], b[3]) - xp.maximum(a[1], b[1])
    return xp.maximum(width, 0) * xp.maximum(height, 0)


def iou(a, b):
    """Return intersection over union of each `a` with its `b`, `[...]` in [0, 1]."""
    shared, union = _shared_and_union(a, b)
    return shared / union


def giou(a, b):
    """Return generalized IoU, `[...]` in [-1, 1]: negative where boxes lie apart."""
    shared, union = _shared_and_union(a, b)
    width, height = _enclosing_sides(a, b)
    hull = _positive(width * height)
    return shared / union - (hull - union) / hull


def diou(a, b):
    """Return distance IoU, `[...]` in [-1, 1]: IoU less the normalized centre distance."""
    width, height = _enclosing_sides(a, b)
    diagonal = _positive(width**2 + height**2)
    dx = (a[..., 0] + a[..., 2] - b[..., 0] - b[..., 2]) / 2
    dy = (a[..., 1] + a[..., 3] - b[..., 1] - b[..., 3]) / 2
    return iou(a, b) - (dx**2 + dy**2) / diagonal


def ciou(a, b):
    """Return complete IoU, `[...]`: distance IoU less a penalty for another aspect ratio.

    The weight of the penalty has its share in the gradient, so this is the slope of the value.
    """
    xp = namespace_of(a, b)
    difference = _aspect_angle(xp, a) - _aspect_angle(xp, b)
    penalty = 4 / math.pi**2 * difference**2
    weight = penalty / (1 - iou(a, b) + penalty + EPSILON)
    return diou(a, b) - weight * penalty


def pairwise_iou(a, b):
    """Return the IoU of every `a` with every `b`: `[..., N, 4]`, `[..., M, 4]` -> `[..., N, M]`."""
    return iou(a[..., :, None, :], b[..., None, :, :])


def clip(boxes, size):
    """Return the part of each box inside an image of `size` (height, width)."""
    xp = namespace_of(boxes)
    height, width = size
    return xp.stack(
        [
            xp.clip(boxes[..., 0], 0, width),
            xp.clip(boxes[..., 1], 0, height),
            xp.clip(boxes[..., 2], 0, width),
            xp.clip(boxes[..., 3], 0, height),
        ],
        axis=-1,
    )


def xyxy_to_xywh(boxes):
    """Return corner boxes as left, top, width, height (COCO's order)."""
    xp = namespace_of(boxes)
    return xp.concatenate([boxes[..., :2], boxes[..., 2:] - boxes[..., :2]], axis=-1)


def xywh_to_xyxy(boxes_xywh):
    """Return left, top, width, height boxes as corners."""
    xp = namespace_of(boxes_xywh)
    corner = boxes_xywh[..., :2]
    return xp.concatenate([corner, corner + boxes_xywh[..., 2:]], axis=-1)


def xyxy_to_cxcywh(boxes):
    """Return corner boxes as centre x, centre y, width, height."""
    xp = namespace_of(boxes)
    sides = boxes[..., 2:] - boxes[..., :2]
    return xp.concatenate([boxes[..., :2] + sides / 2, sides], axis=-1)


def cxcywh_to_xyxy(boxes_cxcywh):
    """Return centre x, centre y, width, height boxes as corners."""
    xp = namespace_of(boxes_cxcywh)
    centre, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2
    return xp.concatenate([centre - half, centre + half], axis=-1)


def _shared_and_union(a, b):
    shared = intersection(a, b)
    return shared, _positive(area(a) + area(b) - shared)


def _enclosing_sides(a, b):
    xp = namespace_of(a, b)
    a, b = columns(a), columns(b)
    width = xp.maximum(a[2], b[2]) - xp.minimum(a[0], b[0])
    height = xp.maximum(a[3], b[3]) - xp.minimum(a[1], b[1])
    return width, height


def _aspect_angle(xp, boxes):
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return xp.arctan(width / _positive(height))


def _positive(array):
    return namespace_of(array).maximum(array, EPSILON)
