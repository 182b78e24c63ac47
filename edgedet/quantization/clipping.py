"""Clipping: ranges that cut off a few large values, and round all others more finely.

The ends are those of the least squared error, as Banner et al. 2019 seek them
(https://arxiv.org/abs/1810.05723), here by trying; those of scores are where curves begin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from edgedet import outputs
from edgedet.manifest import Manifest
from edgedet.quantization.observing import ranges_of, show
from edgedet.quantization.rounding import ACTIVATION_STEPS

BINS = 2048
# Shares of an observed end that are tried; less than the smallest never was the best.
SHARES = np.linspace(0.2, 1.0, 41)
# A probability of .0001: with the best quality beside it, a score of .01.
LOWEST_LOGIT = -9.2


def clip_ranges(network, batches: Iterable) -> None:
    """Narrow the observed ranges of a rewritten network to those of the least squared error.

    The ranges of its outputs stay as they are.

    Args:
        network: As `quantize_aware` returns it, observed.
        batches: Inputs of the network; those that it has observed will do.
    """
    # What the network answers is not averaged any more: its largest box is worth as much as others.
    answers = {tensor._keras_history.operation for tensor in network.outputs}
    inner = [layer for layer in ranges_of(network) if not layer.fixed and layer not in answers]
    counts = {layer: Histogram(layer) for layer in inner}
    show(network, batches, {layer: counted.add for layer, counted in counts.items()})
    for layer, counted in counts.items():
        low, high = best_range(counted.centres, counted.counts)
        layer.low.assign(np.full(layer.sites, low))
        layer.high.assign(np.full(layer.sites, high))


def raise_lows(network, lowest: dict[str, float]) -> None:
    """Cut off what outputs say below a value that nobody looks at, for finer steps above it.

    It holds while the network learns, too, unless ranges are what it learns.

    Args:
        network: As `quantize_aware` returns it, with outputs by name.
        lowest: By the name of the output; see `lowest_logits`.
    """
    for name, value in lowest.items():
        layer = network.output[name]._keras_history.operation
        low, high = layer.limits or (-math.inf, math.inf)
        layer.limits = (max(low, value), high)


def lowest_logits(manifest: Manifest) -> dict[str, float]:
    """Return, by the name of each output that scores are made of, what no curve looks below."""
    roles = outputs.CLASS, outputs.OBJECTNESS
    kinds = [kind for role in roles if (kind := outputs.of_role(manifest.kinds, role))]
    return {manifest.tensor(at, kind): LOWEST_LOGIT for at in manifest.levels for kind in kinds}


class Histogram:
    """How often values occur before a range rounds them.

    Args:
        layer: An observed `ActivationRange`.

    Attributes:
        counts: `[BINS]`.
        centres: The value that each of them stands for.
    """

    def __init__(self, layer):
        self.ends = tuple(map(float, layer.ends()))
        edges = np.linspace(*self.ends, BINS + 1)
        self.centres = (edges[1:] + edges[:-1]) / 2
        self.counts = np.zeros(BINS)

    def add(self, inputs, site=0):
        """Count the values of a batch; those beyond the ends count as the ends."""
        values = np.clip(np.asarray(inputs), *self.ends)
        self.counts += np.histogram(values, BINS, self.ends)[0]


def best_range(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return the (low, high) whose 256 steps stand for some values best; it holds zero.

    One end is sought with the other one as it is, and then the other.

    Args:
        values: `[N]`.
        weights: How often each occurs, `[N]`.
    """
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    errors = [_error(values, weights, low, share * high) for share in SHARES]
    high *= SHARES[int(np.argmin(errors))]
    errors = [_error(values, weights, share * low, high) for share in SHARES]
    return low * SHARES[int(np.argmin(errors))], high


def _error(values, weights, low, high):
    step = (high - low) / ACTIVATION_STEPS
    if step == 0:
        return float(weights @ values**2)
    steps = np.clip(np.round(values / step), np.round(low / step), np.round(high / step))
    return float(weights @ (steps * step - values) ** 2)
