"""Which kind of scene it is, said of every object and of the whole image."""

from keras import ops


def domain_loss(logits, targets):
    """Return the cross entropy with the domain of the image, `[B, P]`.

    It is asked at positive points and, by the mean of the logits over all points, once for each
    image; that cost is spread evenly over its points. Images of unknown domain cost nothing.

    Args:
        logits: `[B, P, D]` before the softmax.
        targets: `Targets`.
    """
    wanted = ops.one_hot(ops.maximum(targets.domain, 0), logits.shape[-1], dtype="float32")
    each = _cross_entropy(logits, wanted[:, None])
    whole = _cross_entropy(ops.mean(logits, axis=1), wanted)[:, None] / logits.shape[1]
    cost = ops.where(targets.positive, each, 0.0) + whole
    return ops.where(targets.domain[:, None] >= 0, cost, 0.0)


def _cross_entropy(logits, wanted):
    return -ops.sum(wanted * ops.log_softmax(logits, axis=-1), axis=-1)
