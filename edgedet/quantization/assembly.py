"""Assembly: a graph and the ranges of its tensors become a Keras network."""

from __future__ import annotations

import keras
from keras import tree

from edgedet.networks.graph import Graph, put_together
from edgedet.quantization.folding import Folded
from edgedet.quantization.rounded_weights import RoundedWeights
from edgedet.quantization.sharing import Group


class Assembly:
    """Makes the layers of the new network, each once, with a name of its own.

    Args:
        make_range: `make_range(fixed, sites, limits=..., name=...)` makes the layer that rounds.
        norm_steps: See `RoundedWeights`.
        learned: See `RoundedWeights`.
    """

    def __init__(self, make_range, norm_steps, learned):
        self.make_range = make_range
        self.norm_steps = norm_steps
        self.learned = learned
        self.layers = {}
        self.names = set()

    def network(self, graph: Graph, groups: list[Group], name: str) -> keras.Model:
        """Return the network, with the weights of the layers in `graph`."""
        sites = self._sites(groups)

        def passed(tensor, value):
            rounding, place = sites.get(tensor, (None, {}))
            return rounding(value, **place) if rounding else value

        self.names.update(tensor.name for tensor in tree.flatten(graph.inputs))
        made = put_together(graph, self._layer, name, passed)
        self._copy_weights()
        return made

    def _sites(self, groups):
        """Return for each rounded tensor the layer that rounds it, and at which site."""
        sites = {}
        for group in groups:
            name = self._unique(f"{group.name}_range")
            layer = self.make_range(
                group.fixed, len(group.rounded), limits=group.limits, name=name, dtype="float32"
            )
            for index, tensor in enumerate(group.rounded):
                sites[tensor] = (layer, {"site": index} if index else {})
        return sites

    def _layer(self, source):
        if source not in self.layers:
            self.layers[source] = self._make(source, self._unique(source.name))
        return self.layers[source]

    def _make(self, source, name):
        if not isinstance(source, Folded):
            return _copy(source, name)
        return RoundedWeights(
            _copy(source.layer),
            source.norm and _copy(source.norm),
            0 if source.frozen else self.norm_steps,
            self.learned,
            name=name,
            dtype="float32",
        )

    def _copy_weights(self):
        for source, layer in self.layers.items():
            pairs = [(source, layer)]
            if isinstance(source, Folded):
                pairs = [(source.layer, layer.layer), (source.norm, layer.norm)]
            for old, new in pairs:
                if isinstance(old, keras.Layer):
                    new.set_weights(old.get_weights())

    def _unique(self, name):
        number, unique = 0, name
        while unique in self.names:
            number += 1
            unique = f"{name}_{number}"
        self.names.add(unique)
        return unique


def _copy(layer, name=None):
    """Return a layer that is made as `layer` was, with weights of its own."""
    config = {**layer.get_config(), "name": name or layer.name}
    if isinstance(layer, keras.Layer):
        # Half precision has too few digits to tell integers apart.
        config["dtype"] = "float32"
    return type(layer).from_config(config)
