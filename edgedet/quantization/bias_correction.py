"""Bias correction: what rounding shifts on average, biases shift back.

Nagel et al. 2019, section 4.2, https://arxiv.org/abs/1906.04721; the means are measured on images.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import tree

from edgedet.quantization.rounded_weights import RoundedWeights


def correct_biases(made, network, batches: Sequence) -> None:
    """Shift the biases of a rewritten network so that its features have the means of the other.

    It goes from layer to layer, as what is corrected in one moves the next: so many layers, so
    many times the network is computed.

    Args:
        made: What `quantize_aware` made of `network`, observed.
        network: A trained network.
        batches: Inputs of the network.
    """
    expected = _all_means(network, batches)
    for layer in made.layers:
        if isinstance(layer, RoundedWeights) and len(layer._inbound_nodes) == 1:
            bias = layer.norm.beta if layer.norm else layer.layer.bias
            name = layer.norm.name if layer.norm else layer.layer.name
            # A piece of a layer has no counterpart, and one without a bias no way to shift.
            if bias is not None and name in expected:
                bias.assign_add(expected[name] - _means(made, layer.output, batches))


def _all_means(network, batches):
    """Return the mean of each channel that each layer with weights gives, by its name."""
    named = {layer.name: layer.output for layer in network.layers if layer.weights}
    return _means(network, named, batches)


def _means(network, outputs, batches):
    """Return the mean of each channel of outputs of a network's layers."""
    part = keras.Model(network.input, outputs)
    of_batches = [tree.map_structure(_mean, part(batch, training=False)) for batch in batches]
    return tree.map_structure(lambda *means: np.mean(means, axis=0), *of_batches)


def _mean(values):
    return np.mean(values, axis=tuple(range(len(values.shape) - 1)))
