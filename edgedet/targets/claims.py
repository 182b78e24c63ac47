"""Claims: objects that want points, and who gets a point that several want."""

from keras import ops

from edgedet.targets.gather import pick

# What no claim is worth: below the negative of any cost.
NOTHING = -1e30


def settle(places, cost, wanted, num_points):
    """Return which object gets each point, int32 `[B, P]`; -1 where none wants it.

    The lowest cost wins, of equal ones the first object.

    Args:
        places: int32 `[B, G, K]`, the points that each object looks at, none twice.
        cost: `[B, G, K]`.
        wanted: bool `[B, G, K]`, the object wants the point.
        num_points: P.
    """
    batch, count = ops.shape(places)[:2]
    segments, total = _segments(places, num_points), batch * num_points
    # Scattering K claims of each object is cheaper than any array of [B, G, P].
    value = ops.where(wanted, -cost, NOTHING)
    best = ops.segment_max(ops.reshape(value, (-1,)), segments, total)
    best = pick(ops.reshape(best, (batch, num_points)), places)
    winning = ops.logical_and(wanted, value == best)
    order = ops.arange(count, 0, -1, dtype="int32")[None, :, None]
    order = ops.reshape(ops.where(winning, order, 0), (-1,))
    first = ops.maximum(ops.segment_max(order, segments, total), 0)
    return ops.reshape(ops.where(first > 0, count - first, -1), (batch, num_points))


def won(owner, places):
    """Return bool `[B, G, K]`: the object got the point.

    Args:
        owner: What `settle` said, int `[B, P]`.
        places: int `[B, G, K]`, the same as then.
    """
    objects = ops.arange(ops.shape(places)[1], dtype="int32")[None, :, None]
    return pick(owner, places) == objects


def spread(values, places, kept, num_points):
    """Return what the kept claims say of their points, `[B, P]`; 0 at points without one.

    Args:
        values: `[B, G, K]`.
        places: int32 `[B, G, K]`, the points that each object looks at.
        kept: bool `[B, G, K]`; at most one claim of each point.
        num_points: P.
    """
    batch = ops.shape(places)[0]
    segments, total = _segments(places, num_points), batch * num_points
    flat = ops.reshape(ops.where(kept, values, 0.0), (-1,))
    return ops.reshape(ops.segment_sum(flat, segments, total), (batch, num_points))


def _segments(places, num_points):
    image = ops.arange(ops.shape(places)[0], dtype="int32")[:, None, None] * num_points
    return ops.reshape(places + image, (-1,))
