"""Initial weights: a training goes on from what another one has learned."""

from __future__ import annotations

import logging
from pathlib import Path

from edgedet.errors import DataError
from edgedet.models import Detector
from edgedet.pruning import narrowed
from edgedet.quantization import is_rounded
from edgedet.training.run import load_trained

log = logging.getLogger(__name__)


def adopt(model: Detector, path: Path) -> None:
    """Give a model the weights of another, layer by layer where names and shapes agree.

    Layers that do not fit, such as a head for other classes, keep their own and are named in
    the log.

    Args:
        model: Gets the weights.
        path: A run folder or a .keras file.

    Raises:
        DataError: No layer fits, or the run has no model yet.
        ModelError: There is no such model, or it is damaged.
    """
    source, _ = load_trained(path)
    theirs = {layer.name: layer.get_weights() for layer in source.network.layers}
    learned = [layer for layer in model.network.layers if layer.weights]
    fitting = [layer for layer in learned if _shapes(layer) == _sizes(theirs.get(layer.name))]
    if not fitting:
        raise DataError(
            f"{path}: expected weights that fit {type(model).__name__}, found none.\n"
            "Start from a model of the same kind, or without --initial."
        )
    for layer in fitting:
        layer.set_weights(theirs[layer.name])
    left = [layer.name for layer in learned if layer not in fitting]
    log.info("weights of %d layers from %s", len(fitting), path)
    if left:
        log.info("begun anew: %s", ", ".join(left))


def shaped_as(model: Detector, path: Path) -> Detector:
    """Return a model with the widths of another one, if that one has been pruned.

    Args:
        model: A new one; it is not changed.
        path: A run folder or a .keras file.

    Raises:
        DataError: The run has no model yet.
        ModelError: There is no such model, or it is damaged.
    """
    source, _ = load_trained(path)
    if not source.is_replaced or is_rounded(source.network):
        return model
    network = narrowed(model.network, source.network)
    return model if network is model.network else model.with_network(network)


def _shapes(layer):
    return [tuple(weight.shape) for weight in layer.weights]


def _sizes(weights):
    return None if weights is None else [weight.shape for weight in weights]
