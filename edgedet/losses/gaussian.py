"""Gaussian negative log likelihood: a prediction that says how sure it is.

Kendall and Gal 2017, https://arxiv.org/abs/1703.04977
"""

from keras import ops


def gaussian_nll_loss(mean, log_variance, targets):
    """Return the negative log likelihood of each target, `[...]`, less a constant.

    Args:
        mean: `[...]` predictions.
        log_variance: `[...]` logarithm of their variance; it is not clamped here.
        targets: `[...]`.
    """
    return 0.5 * ops.exp(-log_variance) * (mean - targets) ** 2 + 0.5 * log_variance
