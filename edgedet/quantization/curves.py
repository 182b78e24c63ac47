"""Activations that TFLite computes in several operations, each with a range of its own."""

from __future__ import annotations

import keras
from keras import activations, layers, ops

from edgedet.quantization.rounding import round_activations
from edgedet.quantization.rule import UNIT


class Curve(layers.Layer):
    """An activation without weights; the range of its output is somebody else's."""

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="edgedet")
class Swish(Curve):
    """x sigmoid(x), as LOGISTIC and MUL."""

    def call(self, inputs):
        return inputs * round_activations(ops.sigmoid(inputs), *UNIT.fixed)


@keras.saving.register_keras_serializable(package="edgedet")
class HardSwish(Curve):
    """x relu6(x + 3) / 6, written so that the converter makes one HARD_SWISH of it."""

    def call(self, inputs):
        return inputs * ops.relu6(inputs + 3.0) * (1 / 6)


@keras.saving.register_keras_serializable(package="edgedet")
class HardSigmoid(Curve):
    """relu6(x + 3) / 6, as ADD and MUL."""

    def call(self, inputs):
        return round_activations(ops.relu6(inputs + 3.0), 0.0, 6.0) * (1 / 6)


CURVES = {
    activations.silu: Swish,
    activations.hard_silu: HardSwish,
    activations.hard_sigmoid: HardSigmoid,
}
