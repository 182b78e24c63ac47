"""Which Keras layer a converter means: it speaks of its own operations only."""

from __future__ import annotations

import re
from collections.abc import Iterable

# How the converter names an operation that has no TFLite counterpart.
REFUSED = re.compile(r"'tf\.(\w+)' op")


def refused_layers(message: str, operations: Iterable, network) -> list[str]:
    """Return the layers whose operations a converter message refuses, in graph order.

    Args:
        message: What the converter said.
        operations: TensorFlow operations of the graph, with `name` and `type`.
        network: The Keras network they came from.
    """
    refused = set(REFUSED.findall(message))
    places = [operation.name for operation in operations if operation.type in refused]
    return layers_at(places, network)


def layers_at(places: Iterable[str], network) -> list[str]:
    """Return the layers of `network` that graph names such as `net/stem_1/add` belong to."""
    layers = {layer.name for layer in network.layers}
    found = (_layer_at(place, layers) for place in places)
    return list(dict.fromkeys(name for name in found if name))


def _layer_at(place, layers):
    for part in re.split(r"[/;:]", place):
        # Keras numbers the calls of a layer: `stem` is `stem_1` when it is called again.
        for name in (part, re.sub(r"_\d+$", "", part)):
            if name in layers:
                return name
    return None
