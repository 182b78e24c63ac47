"""Bias correction: what rounding shifts on average, biases shift back.

Nagel et al. 2019, section 4.2, https://arxiv.org/abs/1906.04721; the means are measured on images.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import tree

from edgedet.networks.graph import read
from edgedet.quantization.rounded_weights import RoundedWeights


def correct_biases(made, network, batches: Sequence) -> None:
    """Shift the biases of a rewritten network so that its features have the means of the other.

    What is corrected in one layer moves the next, so the network is computed layer by layer, each
    on all batches; what flows between the layers is held in memory until it is used.

    Args:
        made: What `quantize_aware` made of `network`, observed.
        network: A trained network.
        batches: Inputs of the network.
    """
    expected = _all_means(network, batches)
    graph = read(made)
    uses = graph.uses()
    # Of each tensor, what it is on each batch.
    flowing = {tensor: list(batches) for tensor in tree.flatten(graph.inputs)}
    for call in graph.calls:
        results = [_computed(call, flowing, index) for index in range(len(batches))]
        shift = _shift(call.layer, results, expected)
        for place, tensor in enumerate(call.outputs):
            flowing[tensor] = [batch[place] + shift for batch in results]
        for tensor in call.inputs:
            uses[tensor] -= 1
            if not uses[tensor]:
                del flowing[tensor]


def _computed(call, flowing, index):
    """Return what a call gives on one batch, flat."""
    return call.computed({tensor: flowing[tensor][index] for tensor in call.inputs})


def _shift(layer, results, expected):
    """Return what a layer's bias lacks, and add it there; 0 where there is none."""
    if not isinstance(layer, RoundedWeights) or len(layer._inbound_nodes) != 1:
        return 0.0
    bias = layer.norm.beta if layer.norm else layer.layer.bias
    name = layer.norm.name if layer.norm else layer.layer.name
    # A piece of a layer has no counterpart, and one without a bias no way to shift.
    if bias is None or name not in expected:
        return 0.0
    shift = expected[name] - np.mean([_mean(result) for (result,) in results], axis=0)
    bias.assign_add(shift)
    return shift


def _all_means(network, batches):
    """Return the mean of each channel that each layer with weights gives, by its name."""
    named = {layer.name: layer.output for layer in network.layers if layer.weights}
    part = keras.Model(network.input, named)
    of_batches = [tree.map_structure(_mean, part(batch, training=False)) for batch in batches]
    return tree.map_structure(lambda *means: np.mean(means, axis=0), *of_batches)


def _mean(values):
    return np.mean(values, axis=tuple(range(len(values.shape) - 1)))
