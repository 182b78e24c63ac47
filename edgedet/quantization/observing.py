"""Observing: a rewritten network looks at images before it is trained or exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from edgedet.errors import ModelError
from edgedet.quantization.activation_range import ActivationRange


def observe(network, batches: Iterable) -> None:
    """Set the ranges of a rewritten network by what it computes on some inputs; nothing else.

    Args:
        network: As `quantize_aware` returns it.
        batches: Inputs of the network, such as float32 images `[B, h, w, bands]` in 0..1.
    """
    show(network, batches, {layer: layer.follow for layer in ranges_of(network)})


def show(network, batches: Iterable, observers: dict[ActivationRange, Callable]) -> None:
    """Let a rewritten network compute, and observers see what its ranges are to round.

    Args:
        network: As `quantize_aware` returns it.
        batches: As for `observe`.
        observers: For some of its ranges, `observer(inputs, site)`.
    """
    try:
        for layer, observer in observers.items():
            layer.observer = observer
        for batch in batches:
            network(batch, training=False)
    finally:
        for layer in observers:
            layer.observer = None


def is_rounded(network) -> bool:
    """Return whether a network computes as INT8 does, so that its scales are known."""
    return any(getattr(layer, "rounds", False) for layer in network.layers)


def ranges_of(network) -> list[ActivationRange]:
    """Return the layers of a rewritten network that round activations."""
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
