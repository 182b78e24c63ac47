"""Bias correction: what rounding shifts on average, biases shift back.

Nagel et al. 2019, section 4.2, https://arxiv.org/abs/1906.04721; the means are measured on images.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

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
    names = {layer.name for layer in network.layers}
    for layer in made.layers:
        if isinstance(layer, RoundedWeights) and len(layer._inbound_nodes) == 1:
            bias = layer.norm.beta if layer.norm else layer.layer.bias
            name = layer.norm.name if layer.norm else layer.layer.name
            # A piece of a layer has no counterpart, and one without a bias no way to shift.
            if bias is not None and name in names:
                expected = _means(network, network.get_layer(name), batches)
                bias.assign_add(expected - _means(made, layer, batches))


def _means(network, layer, batches):
    """Return the mean of each channel that a layer gives."""
    part = keras.Model(network.input, layer.output)
    axes = tuple(range(len(layer.output.shape) - 1))
    return np.mean([np.mean(part(batch, training=False), axis=axes) for batch in batches], axis=0)
