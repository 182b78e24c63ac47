"""Observing: a rewritten network looks at images before it is trained or exported."""

from __future__ import annotations

from collections.abc import Iterable

from edgedet.errors import ModelError
from edgedet.quantization.activation_range import ActivationRange


def observe(network, batches: Iterable) -> None:
    """Set the ranges of a rewritten network by what it computes on some inputs; nothing else.

    Args:
        network: As `quantize_aware` returns it.
        batches: Inputs of the network, such as float32 images `[B, h, w, bands]` in 0..1.
    """
    ranges = ranges_of(network)
    for layer in ranges:
        layer.observing = True
    try:
        for batch in batches:
            network(batch, training=False)
    finally:
        for layer in ranges:
            layer.observing = False


def ranges_of(network) -> list[ActivationRange]:
    """Return the layers that round activations; a network that has none is not rewritten."""
    return [layer for layer in network.layers if isinstance(layer, ActivationRange)]


def require_observed(network) -> None:
    """Refuse a rewritten network whose ranges nobody has observed.

    Raises:
        ModelError: Names the first of them.
    """
    for layer in ranges_of(network):
        if not layer.fixed and not layer.observed.numpy().all():
            raise ModelError(
                f"Layer {layer.name!r}: its range has not been observed.\n"
                "Train the network for some steps, or call `observe(network, batches)`."
            )
