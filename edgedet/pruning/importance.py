"""Importance: what a network would lose with each of its channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf
from keras import layers

from edgedet.networks.graph import read
from edgedet.networks.weighted import weighted_of


def gate_gradients(network, loss: Callable, batches: Iterable) -> dict[str, np.ndarray]:
    """Return how the loss would change if each channel were let through a little more.

    That is the derivative with respect to a gate of 1 on the output of a layer; the mean of its
    squares tells what the channel is worth (Molchanov et al. 2019,
    https://arxiv.org/abs/1906.10771, equation 8 and section 3.2). Where a layer ends with a scale
    and a shift, or with weights and a bias, the gate would multiply just these: its derivative is
    the sum of each times its own.

    Phantom's detection loss of .79 rose to .86 without the 72 of 504 channels that these gradients
    chose, to 1.05 without those of the smallest scales of batch norms
    (https://arxiv.org/abs/1708.06519), and to 1.34 without the filters of the smallest L1 norms
    (https://arxiv.org/abs/1608.08710), before any training.

    Args:
        network: A functional Keras network.
        loss: `loss(batch)` returns a scalar tensor, computed by the network as in inference.
        batches: What the loss is asked for, all of one shape.

    Returns:
        For each batch normalization and each other layer with a bias, by name, float `[N, C]` of N
        batches and C channels of the output.
    """
    called = dict.fromkeys(call.layer for call in read(network).calls)
    gated = {layer.name: _gated(layer) for layer in called if _ends_with_shift(layer)}

    @tf.function
    def derivatives(batch):
        with tf.GradientTape() as tape:
            tape.watch(gated)
            value = loss(batch)
        slopes = tape.gradient(value, gated, unconnected_gradients="zero")
        return tf.nest.map_structure(tf.multiply, gated, slopes)

    rows = [derivatives(batch) for batch in batches]
    return {
        layer.name: np.stack([_by_channel(layer, *row[layer.name]) for row in rows])
        for layer in called
        if layer.name in gated
    }


def _ends_with_shift(layer):
    if isinstance(layer, layers.BatchNormalization):
        return layer.scale and layer.center
    return weighted_of(layer) is not None and layer.use_bias


def _gated(layer):
    """Return what a gate on the output of a layer would multiply."""
    is_norm = isinstance(layer, layers.BatchNormalization)
    weights = (layer.gamma, layer.beta) if is_norm else (layer.kernel, layer.bias)
    return [weight.value for weight in weights]


def _by_channel(layer, products, shifts):
    """Return the sum over each channel of the output, `[C]`."""
    weighted = weighted_of(layer)
    if weighted is not None:
        products = tf.reduce_sum(products, weighted.shared)
    return np.ravel(products) + shifts.numpy()
