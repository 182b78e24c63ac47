"""Mixup: a second image shows through the first, and the objects of both are asked for.

Zhang et al. 2018, https://arxiv.org/abs/1710.09412; for detection, with both well visible, Zhang et
al. 2019, https://arxiv.org/abs/1902.04103.
"""

# Of the second image; below, its objects can hardly be seen, above, those of the first.
OPACITY = (0.35, 0.65)


def mixup_opacity(draw):
    """Return how much of the second image is seen, float32 like `draw`, which is in [0, 1)."""
    return OPACITY[0] + (OPACITY[1] - OPACITY[0]) * draw
