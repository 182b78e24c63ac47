"""Rules: which layers are known, and what each of them means to integers.

Layers with weights and batch normalization are not listed here: they are rewritten. The layers of
our own detectors are told in `edgedet/models/own_layers.py`.
"""

from __future__ import annotations

import keras
from keras import activations, layers
from keras.src import ops

from edgedet.errors import ModelError
from edgedet.quantization.curves import Curve
from edgedet.quantization.folding import Folded
from edgedet.quantization.rule import AVERAGES, COMPUTES, MOVES, SIGNED_UNIT, UNIT, Rule

ACTIVATIONS = {
    activations.linear: MOVES,
    activations.relu: COMPUTES,
    activations.relu6: COMPUTES,
    activations.leaky_relu: COMPUTES,
    activations.sigmoid: UNIT,
    activations.softmax: UNIT,
    activations.tanh: SIGNED_UNIT,
}

# Classes and their rules; subclasses follow their base. Add your own layers here.
RULES: dict[type, Rule] = {
    **dict.fromkeys(
        (
            layers.Add,
            layers.Subtract,
            layers.Multiply,
            layers.LeakyReLU,
            layers.PReLU,
            layers.GlobalAveragePooling2D,
            ops.numpy.Add,
            ops.numpy.Subtract,
            ops.numpy.Multiply,
            ops.nn.Relu,
            ops.nn.Relu6,
            # What the rewriting itself puts into a network.
            Curve,
            Folded,
        ),
        COMPUTES,
    ),
    **dict.fromkeys(
        (
            layers.Concatenate,
            layers.Maximum,
            layers.Minimum,
            layers.MaxPooling2D,
            layers.GlobalMaxPooling2D,
            layers.ZeroPadding2D,
            layers.Cropping2D,
            layers.Reshape,
            layers.Flatten,
            layers.Permute,
            layers.Identity,
            layers.Dropout,
            layers.SpatialDropout2D,
            ops.numpy.Concatenate,
            ops.numpy.Reshape,
            ops.numpy.GetItem,
        ),
        MOVES,
    ),
    **dict.fromkeys((layers.AveragePooling2D,), AVERAGES),
    layers.Softmax: UNIT,
    ops.nn.Sigmoid: UNIT,
    ops.nn.Softmax: UNIT,
    ops.numpy.Tanh: SIGNED_UNIT,
}


def rule_of(layer) -> Rule:
    """Return the rule of a layer.

    Raises:
        ModelError: There is none.
    """
    if isinstance(layer, layers.Activation) and layer.activation in ACTIVATIONS:
        return ACTIVATIONS[layer.activation]
    if isinstance(layer, layers.UpSampling2D):
        return MOVES if layer.interpolation == "nearest" else AVERAGES
    if isinstance(layer, layers.ReLU) and (is_fused(layer) or _is_leaky(layer)):
        return COMPUTES
    known = [base for base in type(layer).__mro__ if base in RULES]
    if known:
        return RULES[known[0]]
    raise ModelError(
        f"Layer {layer.name!r} ({_described(layer)}): it is not known how integers compute it.\n"
        "Replace it by standard layers, or say what it does: "
        f"`edgedet.quantization.RULES[{type(layer).__name__}] = COMPUTES`, or `MOVES` if its "
        "outputs are values of its inputs."
    )


def is_fused(layer) -> bool:
    """Return whether TFLite computes an activation within the operation before it."""
    if isinstance(layer, layers.Activation):
        return layer.activation in (activations.relu, activations.relu6)
    if isinstance(layer, layers.ReLU):
        return layer.negative_slope == 0 and layer.threshold == 0 and layer.max_value in (None, 6)
    return isinstance(layer, (ops.nn.Relu, ops.nn.Relu6))


def _is_leaky(layer):
    return layer.threshold == 0 and layer.max_value is None


def _described(layer):
    if isinstance(layer, layers.Activation):
        return f"Activation {keras.activations.serialize(layer.activation)!r}"
    return type(layer).__name__
