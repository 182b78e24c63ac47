"""Centerness: how well a point sits in its box.

Tian et al. 2019, FCOS, https://arxiv.org/abs/1904.01355
"""

from edgedet.geometry.arrays import namespace_of


def centerness(ltrb):
    """Return 1 at the centre of a box, 0 on its border and outside, `[...]`.

    Args:
        ltrb: `[..., 4]` distances to the sides, in any one unit.
    """
    xp = namespace_of(ltrb)
    across = _balance(xp, ltrb[..., 0], ltrb[..., 2])
    down = _balance(xp, ltrb[..., 1], ltrb[..., 3])
    product = across * down
    # The slope of the root is infinite at 0; keep it out of the gradient there.
    inside = product > 0
    return xp.where(inside, xp.sqrt(xp.where(inside, product, xp.ones_like(product))), 0.0)


def _balance(xp, near, far):
    shorter, longer = xp.minimum(near, far), xp.maximum(near, far)
    inside = shorter > 0
    # Both branches of `where` have a gradient, so neither may divide by zero.
    return xp.where(inside, shorter / xp.where(inside, longer, xp.ones_like(longer)), 0.0)
