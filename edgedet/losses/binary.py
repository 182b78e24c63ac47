"""Binary cross entropy on logits, in the form that neither overflows nor loses digits."""

from keras import ops


def bce_with_logits_loss(logits, targets):
    """Return the binary cross entropy of each logit.

    Args:
        logits: `[...]` scores before the sigmoid.
        targets: `[...]` in [0, 1]; soft targets are allowed.
    """
    size = ops.abs(logits)
    # (logits + size) / 2 is the larger of logits and 0, with the right slope, a half, at 0.
    return (logits + size) / 2 - logits * targets + ops.softplus(-size)
