"""Rules: which layers are known, and what each of them does to channels.

A rule is `rule(channels, call, inputs)`: it gets the numbers of the channels of each input, int
`[C]`, and returns those of the output. The layers of our own detectors are told in
`edgedet/models/own_layers.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from keras import activations, layers, tree
from keras.src import ops

from edgedet.errors import ModelError
from edgedet.networks.graph import Tensor

LAST = -1


def alone(channels, call, inputs):
    """Each channel of the output is computed from that channel of the input."""
    return inputs[0]


def mixed(channels, call, inputs):
    """Each channel of the output is computed from all channels of the input, by weights."""
    if getattr(call.layer, "groups", 1) > 1:
        return whole(channels, call, inputs)
    return channels.new(call.outputs[0].shape[LAST], call.layer.name)


def multiplied(channels, call, inputs):
    """Several channels of the output are computed from each of the input."""
    return np.repeat(inputs[0], call.layer.depth_multiplier)


def merged(channels, call, inputs):
    """Each channel of the output is computed from that channel of all inputs."""
    if len({len(tensor.shape) for tensor in call.inputs}) > 1 or _holds_arrays(call):
        return whole(channels, call, inputs)
    width = call.outputs[0].shape[LAST]
    # One channel that meets many belongs to none of them.
    wide = [numbers for numbers in inputs if len(numbers) == width]
    for numbers in inputs:
        if len(numbers) < width:
            channels.kept(numbers)
    for numbers in wide[1:]:
        channels.tied(wide[0], numbers)
    return wide[0]


def stacked(channels, call, inputs):
    """The output has the channels of the first input, then those of the next."""
    if call.layer.axis in (LAST, len(call.outputs[0].shape) - 1):
        return np.concatenate(inputs)
    return merged(channels, call, inputs)


def flat(channels, call, inputs):
    """All cells of an image stand in a row, each with its channels."""
    return np.tile(inputs[0], math.prod(call.inputs[0].shape[1:-1]))


def whole(channels, call, inputs):
    """All channels of the inputs are needed, and stay."""
    for numbers in inputs:
        channels.kept(numbers)
    return channels.kept(channels.new(call.outputs[0].shape[LAST]))


def _holds_arrays(call):
    """Return whether a call has arguments of a fixed size, which nobody could make smaller."""
    leaves = tree.flatten((call.args, call.kwargs))
    return any(np.ndim(leaf) for leaf in leaves if not isinstance(leaf, Tensor))


# Classes and their rules; subclasses follow their base. Add your own layers here.
RULES: dict[type, Callable] = {
    **dict.fromkeys(
        (
            *(layers.Activation, layers.ReLU, layers.LeakyReLU, layers.PReLU),
            *(layers.MaxPooling2D, layers.AveragePooling2D),
            *(layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D),
            *(layers.UpSampling2D, layers.ZeroPadding2D, layers.Cropping2D),
            *(layers.Identity, layers.Dropout, layers.SpatialDropout2D),
            *(ops.nn.Relu, ops.nn.Relu6, ops.nn.Sigmoid, ops.numpy.Tanh),
        ),
        alone,
    ),
    **dict.fromkeys(
        (
            *(layers.Add, layers.Subtract, layers.Multiply, layers.Maximum, layers.Minimum),
            *(layers.Average, ops.numpy.Add, ops.numpy.Subtract, ops.numpy.Multiply),
        ),
        merged,
    ),
    **dict.fromkeys(
        (layers.Conv2D, layers.Conv2DTranspose, layers.SeparableConv2D, layers.Dense), mixed
    ),
    **dict.fromkeys(
        (layers.Softmax, layers.Reshape, layers.Permute, ops.nn.Softmax, ops.numpy.Reshape), whole
    ),
    layers.DepthwiseConv2D: multiplied,
    layers.Concatenate: stacked,
    ops.numpy.Concatenate: stacked,
    layers.Flatten: flat,
}


def rule_of(layer) -> Callable:
    """Return the rule of a layer.

    Raises:
        ModelError: There is none, or channels are not the last axis.
    """
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ModelError(
            f"Layer {layer.name!r}: expected channels last, found channels first.\n"
            "Use channels last, as TFLite does."
        )
    if isinstance(layer, layers.Activation) and layer.activation is activations.softmax:
        return whole
    if isinstance(layer, layers.BatchNormalization):
        return alone if layer.axis in (LAST, 3) else whole
    for base in type(layer).__mro__:
        if base in RULES:
            return RULES[base]
    raise ModelError(
        f"Layer {layer.name!r} ({type(layer).__name__}): it is not known what it does to "
        "channels.\nPrune a network before it is quantized, replace the layer by standard ones, "
        f"or say what it does: `edgedet.pruning.RULES[{type(layer).__name__}] = whole`, or `alone` "
        "if each channel of its output comes from that channel of its input."
    )
