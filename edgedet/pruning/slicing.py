"""Slicing: a layer becomes the same layer with fewer channels."""

from __future__ import annotations

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
# What the setting of a layer is called that counts the channels of its output.
WIDTHS = {
    layers.Conv2D: "filters",
    layers.Conv2DTranspose: "filters",
    layers.SeparableConv2D: "filters",
    layers.Dense: "units",
}


def sliced(layer, inputs: np.ndarray, outputs: np.ndarray):
    """Return a layer as `layer`, and the weights that it gets when it is built.

    Args:
        layer: A Keras layer or operation.
        inputs: Which channels of its input stay, bool `[C]`.
        outputs: Which of its output.
    """
    config = layer.get_config()
    width = _of(layer, WIDTHS)
    if width:
        config[width] = int(outputs.sum())
    return type(layer).from_config(config), kept_weights(layer, inputs, outputs)


def kept_weights(layer, inputs: np.ndarray, outputs: np.ndarray) -> list[np.ndarray]:
    """Return the weights of a layer without those of the channels that go; see `sliced`."""
    values = [weight.numpy() for weight in getattr(layer, "weights", ())]
    if inputs.all() and outputs.all():
        return values
    axes = _of(layer, AXES)
    if axes is None:
        # One number for each channel, whatever they mean.
        return [value[..., outputs] for value in values]
    return [
        _without(value, pair, _between(layer, inputs, value, pair), outputs)
        for value, pair in zip(values, axes, strict=False)
    ]


def _without(value, axes, inputs, outputs):
    for axis, stays in zip(axes, (inputs, outputs), strict=True):
        if axis is not None:
            value = np.compress(stays, value, axis)
    return value


def _between(layer, inputs, value, axes):
    """Return which channels stay in front of a weight: inside a separable layer there are more."""
    if isinstance(layer, layers.SeparableConv2D) and axes == (2, 3):
        return np.repeat(inputs, layer.depth_multiplier)
    return inputs


def _of(layer, table):
    for base in type(layer).__mro__:
        if base in table:
            return table[base]
    return None
