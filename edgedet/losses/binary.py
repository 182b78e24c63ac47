"""Binary cross entropy on logits, in the form that neither overflows nor loses digits."""

from keras import ops


def bce_with_logits_loss(logits, targets):
    """Return the binary cross entropy of each logit.

    Args:
        logits: `[...]` scores before the sigmoid.
        targets: `[...]` in [0, 1]; soft targets are allowed.
    """
    return ops.relu(logits) - logits * targets + ops.softplus(-ops.abs(logits))
