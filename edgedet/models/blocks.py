"""Blocks: small functions that extend a functional network by plain Keras layers.

Plain layers are what the quantizing rewrite and the converter know; a block is only a habit of
putting them together. Weights have no bias where batch normalization follows: it is folded into
the convolution on export.
"""

import keras
from keras import layers, ops

from edgedet.models.norm import BatchNorm

# Bounded, so that 8 bits cover it; free on every integer runtime.
ACTIVATION = "relu6"


@keras.saving.register_keras_serializable(package="edgedet")
class NearestUpsample(layers.Layer):
    """Twice the height and width, each cell repeated.

    It lowers to one RESIZE_NEAREST_NEIGHBOR; Keras's UpSampling2D lowers to RESHAPE and TILE.
    """

    def call(self, inputs):
        height, width = inputs.shape[1:3]
        return ops.image.resize(inputs, (2 * height, 2 * width), interpolation="nearest")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return batch, 2 * height, 2 * width, channels


def conv(inputs, filters, kernel_size=3, stride=1, activation=ACTIVATION, *, name):
    """Convolution, batch normalization and activation: one int8 operation after conversion.

    Args:
        inputs: `[B, H, W, C]` Keras tensor.
        filters: Number of output channels.
        kernel_size: Side of the square kernel in cells.
        stride: Step of the kernel; 2 halves height and width.
        activation: Name of the activation, or `None` for a linear output.
        name: Prefix of the layers' names.
    """
    outputs = layers.Conv2D(
        filters, kernel_size, stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(inputs)
    return _norm_act(outputs, activation, name)


def separable(inputs, filters, kernel_size=3, stride=1, activation=ACTIVATION, *, name):
    """Depthwise convolution, then a 1x1 convolution; see `conv`.

    Between the two stands nothing, as in EfficientDet's heads (Tan et al. 2020,
    https://arxiv.org/abs/1911.09070): a norm and an activation there would cost more time in
    training than both convolutions.
    """
    space = layers.DepthwiseConv2D(
        kernel_size, stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(inputs)
    return conv(space, filters, 1, 1, activation, name=name)


def bottleneck(inputs, width, activation=ACTIVATION, *, name):
    """Residual block: 1x1 down to `width` channels, 3x3 back up, added to the input."""
    inner = conv(inputs, width, 1, activation=activation, name=f"{name}_down")
    outer = conv(inner, inputs.shape[-1], 3, activation=None, name=f"{name}_up")
    added = layers.Add(name=f"{name}_add")([inputs, outer])
    return layers.Activation(activation, name=f"{name}_out")(added)


def cross_stage(inputs, width, activation=ACTIVATION, *, name):
    """Cross-stage partial block: half of the channels pass a bottleneck, half pass it by.

    The gradient takes both ways, and the bottleneck costs a quarter of what it would on all
    channels (Wang et al. 2020, CSPNet, https://arxiv.org/abs/1911.11929).

    Args:
        inputs: `[B, H, W, C]` Keras tensor.
        width: Channels inside the bottleneck.
        activation: Name of the activation.
        name: Prefix of the layers' names.
    """
    half = inputs.shape[-1] // 2
    through = conv(inputs, half, 1, activation=activation, name=f"{name}_through")
    past = conv(inputs, half, 1, activation=activation, name=f"{name}_past")
    through = bottleneck(through, width, activation, name=f"{name}_block")
    both = layers.Concatenate(name=f"{name}_both")([through, past])
    return conv(both, 2 * half, 1, activation=activation, name=f"{name}_out")


def upsample_add(coarse, fine, *, name):
    """Add a coarse feature map, doubled, to a finer one with the same channels."""
    return layers.Add(name=f"{name}_add")([NearestUpsample(name=f"{name}_up")(coarse), fine])


def _norm_act(inputs, activation, name):
    outputs = BatchNorm(momentum=0.97, name=f"{name}_norm")(inputs)
    if activation is None:
        return outputs
    return layers.Activation(activation, name=f"{name}_act")(outputs)
