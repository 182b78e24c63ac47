"""Layers with weights: what their kernels mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from keras import layers, ops


@dataclasses.dataclass(frozen=True)
class Weighted:
    """How a class of layers uses its kernel.

    Attributes:
        apply: `apply(layer, inputs, kernel)` without bias and activation.
        shared: Axes of the kernel that do not tell output channels apart.
        channels: Axes that do, in order.
    """

    apply: Callable
    shared: tuple[int, ...]
    channels: tuple[int, ...]

    def with_bias(self, layer, inputs, kernel, bias):
        """Return what a layer gives with another kernel, and a bias or `None`; no activation."""
        outputs = self.apply(layer, inputs, kernel)
        return outputs if bias is None else outputs + bias


def _conv(layer, inputs, kernel):
    return ops.conv(
        inputs, kernel, layer.strides, layer.padding, layer.data_format, layer.dilation_rate
    )


def _depthwise(layer, inputs, kernel):
    return ops.depthwise_conv(
        inputs, kernel, layer.strides, layer.padding, layer.data_format, layer.dilation_rate
    )


def _transposed(layer, inputs, kernel):
    return ops.conv_transpose(
        inputs,
        kernel,
        list(layer.strides),
        layer.padding,
        layer.output_padding,
        layer.data_format,
        layer.dilation_rate,
    )


def _dense(layer, inputs, kernel):
    return ops.matmul(inputs, kernel)


WEIGHTED = {
    layers.Conv2D: Weighted(_conv, (0, 1, 2), (3,)),
    layers.DepthwiseConv2D: Weighted(_depthwise, (0, 1), (2, 3)),
    layers.Conv2DTranspose: Weighted(_transposed, (0, 1, 3), (2,)),
    layers.Dense: Weighted(_dense, (0,), (1,)),
}


def weighted_of(layer) -> Weighted | None:
    """Return how a layer uses its kernel; `None` if it has none, or computes in its own way."""
    for base, weighted in WEIGHTED.items():
        if isinstance(layer, base) and type(layer).call is base.call:
            return weighted
    return None
