"""Slicing: a layer becomes the same layer with fewer channels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from keras import layers

# Of each weight of a layer: the axis that runs over channels of the input, and of the output.
AXES = {
    layers.Conv2D: ((2, 3), (None, 0)),
    layers.DepthwiseConv2D: ((2, None), (None, 0)),
    layers.Conv2DTranspose: ((3, 2), (None, 0)),
    layers.Dense: ((0, 1), (None, 0)),
    layers.SeparableConv2D: ((2, None), (2, 3), (None, 0)),
}
# One number for each channel, whatever it means.
CHANNELWISE = (None, -1)
# What the setting of a layer is called that counts the channels of its output.
WIDTHS = {
    layers.Conv2D: "filters",
    layers.Conv2DTranspose: "filters",
    layers.SeparableConv2D: "filters",
    layers.Dense: "units",
}


def sliced(layer, inputs: np.ndarray, outputs: np.ndarray):
    """Return a layer as `layer`, not built, and the weights to give it.

    Args:
        layer: A Keras layer or operation.
        inputs: Which channels of its input stay, bool `[C]`.
        outputs: Which of its output.
    """
    config = layer.get_config()
    width = _of(layer, WIDTHS)
    if width:
        config[width] = int(outputs.sum())
    weights = []
    for weight, stays in _masks(layer, inputs, outputs):
        value = weight.numpy()
        for axis, mask in stays.items():
            value = np.compress(mask, value, axis)
        weights.append(value)
    return type(layer).from_config(config), weights


def count_learned(layer, inputs: np.ndarray, outputs: np.ndarray) -> int:
    """Return how many trainable parameters `sliced` leaves."""
    learned = {id(weight) for weight in getattr(layer, "trainable_weights", ())}
    return sum(
        round(math.prod(weight.shape) * math.prod(mask.mean() for mask in stays.values()))
        for weight, stays in _masks(layer, inputs, outputs)
        if id(weight) in learned
    )


def _masks(layer, inputs, outputs) -> Iterator[tuple]:
    """Yield each weight of a layer with what stays of it: {axis: bool, as long as that axis}."""
    weights = getattr(layer, "weights", ())
    axes = _of(layer, AXES) or (CHANNELWISE,) * len(weights)
    if inputs.all() and outputs.all():
        axes = ((None, None),) * len(weights)
    for weight, pair in zip(weights, axes, strict=False):
        ends = (_doubled(inputs, weight, pair[0]), outputs)
        yield (
            weight,
            {axis: mask for axis, mask in zip(pair, ends, strict=True) if axis is not None},
        )


def _doubled(inputs, weight, axis):
    """Return what stays in front of a weight: within a separable convolution there are more."""
    return inputs if axis is None else np.repeat(inputs, weight.shape[axis] // len(inputs))


def _of(layer, table):
    for base in type(layer).__mro__:
        if base in table:
            return table[base]
    return None
