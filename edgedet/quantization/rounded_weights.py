"""A layer with weights, rounded, with the batch normalization behind it folded in.

Folding follows the converter: gamma / sqrt(variance) is multiplied into the weights before they
are rounded, so what is rounded in training is what is rounded in the file (Krishnamoorthi 2018,
https://arxiv.org/abs/1806.08342, section 3.2.2).
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from edgedet.networks.weighted import weighted_of
from edgedet.quantization.activation_range import scale_gradient
from edgedet.quantization.rounding import WEIGHT_STEPS, round_weights

# Below it a channel's scale says nothing any more, and dividing by it would only make noise.
SMALLEST_SCALE = 1e-6
# Part by which the last bias is larger than it is; a step of a bias is larger still.
UNEQUAL = 1e-6


@keras.saving.register_keras_serializable(package="edgedet")
class RoundedWeights(layers.Layer):
    """A layer with weights, and the batch normalization that follows it, as one integer operation.

    Args:
        layer: Without an activation; its class is one of `WEIGHTED`.
        norm: A `BatchNormalization`, or `None`.
        norm_steps: Number of training steps that use the statistics of the batch; afterwards,
            and from the start by default, the running ones.
        learned: Whether the step of each channel is learned (Esser et al. 2020,
            https://arxiv.org/abs/1902.08153), as a factor on its largest weight.
    """

    def __init__(self, layer, norm=None, norm_steps=0, learned=False, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer
        self.norm = norm
        self.norm_steps = norm_steps
        self.learned = learned
        self.weighted = weighted_of(layer)

    def build(self, input_shape):
        self.layer.build(input_shape)
        if self.norm:
            self.norm.build(self.layer.compute_output_shape(input_shape))
        if self.learned:
            shape = self._channel_shape()
            self.gain = self.add_weight(name="step_gain", shape=shape, initializer="ones")
        if self.norm and self.norm_steps:
            self.steps = self.add_weight(
                name="steps",
                shape=(),
                dtype="int32",
                initializer="zeros",
                trainable=False,
                aggregation="only_first_replica",
            )

    def call(self, inputs, training=None):
        if not (training and self.norm and self.norm_steps):
            return self._frozen(inputs)
        self.steps.assign_add(1)
        return ops.cond(
            self.steps <= self.norm_steps,
            lambda: self._adapting(inputs),
            lambda: self._frozen(inputs),
        )

    def kernel_and_bias(self):
        """Return what the file computes with: a kernel on its grid, and a bias or `None`.

        Normalization, which is by the running statistics, is folded into both.
        """
        if not self.norm:
            return self._rounded(1.0), _unequal(self.layer.bias)
        scale = self._scale()
        offset = -self.norm.moving_mean * scale
        if self.layer.bias is not None:
            offset = offset + self.layer.bias * scale
        if self.norm.beta is not None:
            offset = offset + self.norm.beta
        return self._rounded(scale), _unequal(offset)

    def _frozen(self, inputs):
        """Return what the file computes."""
        return self.weighted.with_bias(self.layer, inputs, *self.kernel_and_bias())

    def _adapting(self, inputs):
        """Normalize by the statistics of the batch, with weights rounded as in `_frozen`."""
        # It only decides the grid: what gamma does to the outputs, it does behind the division.
        scale = ops.stop_gradient(self._scale())
        scale = ops.where(ops.abs(scale) < SMALLEST_SCALE, SMALLEST_SCALE, scale)
        unscaled = self.weighted.apply(self.layer, inputs, self._rounded(scale)) / scale
        bias = _unequal(self.layer.bias)
        return self.norm(unscaled if bias is None else unscaled + bias, training=True)

    def _scale(self):
        scale = ops.rsqrt(self.norm.moving_variance + self.norm.epsilon)
        return scale if self.norm.gamma is None else scale * self.norm.gamma

    def _rounded(self, scale):
        kernel = self.layer.kernel
        if self.norm:
            kernel = kernel * ops.reshape(scale, self._channel_shape())
        return round_weights(kernel, self.weighted.shared, self._gain())

    def _gain(self):
        if not self.learned:
            return 1.0
        elements = math.prod(self.layer.kernel.shape) // math.prod(self._channel_shape())
        # Above 1 the converter would measure other steps than these.
        return scale_gradient(ops.minimum(self.gain, 1.0), (elements * WEIGHT_STEPS) ** -0.5)

    def _channel_shape(self):
        shape = self.layer.kernel.shape
        return [side if axis in self.weighted.channels else 1 for axis, side in enumerate(shape)]

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "layer": _serialized(self.layer),
            "norm": self.norm and _serialized(self.norm),
            "norm_steps": self.norm_steps,
            "learned": self.learned,
        }

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name]) for name in ("layer", "norm")
        }
        return cls(**{**config, **parts})


def _unequal(bias):
    # Biases that are all equal the converter would quantize by the scale of the first channel.
    return None if bias is None else bias * ops.linspace(1.0, 1.0 + UNEQUAL, bias.shape[0])


def _serialized(layer):
    config = keras.saving.serialize_keras_object(layer)
    # Built by itself it would give its weights other paths than inside.
    config.pop("build_config", None)
    return config
