"""The range of an activation: observed while training, or learned after that."""

from __future__ import annotations

import math

import keras
from keras import ops

from edgedet.quantization.rounding import ACTIVATION_STEPS, round_activations

# Weight of the past in the moving average of a range.
MOMENTUM = 0.99
# Where a range begins that nobody has observed.
UNOBSERVED = 6.0


@keras.saving.register_keras_serializable(package="edgedet")
class ActivationRange(keras.layers.Layer):
    """Rounds a tensor to 256 steps between the smallest and the largest value that it takes.

    While training it follows both ends by a moving average over batches (Jacob et al. 2018,
    https://arxiv.org/abs/1712.05877, section 3.1). Tensors that must share one grid, such as
    the inputs of a concatenation, are rounded by one layer at several sites.

    A learned range follows for its first steps and is learned after them, by the gradient of
    LSQ+ (Bhalgat et al. 2020, https://arxiv.org/abs/2004.09576). What is learned is a factor on
    each end, so that one learning rate fits ranges of every size.

    Args:
        fixed: The range (low, high) where it is known, or `None`.
        sites: Number of tensors that share the range.
        observe_steps: Number of training steps that the range is observed for; always by
            default.
        learned: Whether it is learned afterwards.
        limits: (low, high) that what is observed never exceeds, or `None`; see `saturation` and
            `clipping.raise_lows`.
    """

    # How a network shows that it computes as INT8 does.
    rounds = True

    def __init__(
        self, fixed=None, sites=1, observe_steps=None, learned=False, limits=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.fixed = fixed and tuple(fixed)
        self.sites = sites
        self.observe_steps = observe_steps
        self.learned = learned
        self.limits = limits and tuple(limits)
        # Set by those who look without training: `observer(inputs, site)`.
        self.observer = None

    def build(self, input_shape):
        if self.fixed:
            return
        start = {"shape": (self.sites,), "trainable": False, "aggregation": "mean"}
        self.low = self.add_weight(name="low", initializer=_constant(-UNOBSERVED), **start)
        self.high = self.add_weight(name="high", initializer=_constant(UNOBSERVED), **start)
        self.observed = self.add_weight(
            name="observed",
            shape=(self.sites,),
            dtype="int32",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        if self.learned:
            self.gain = self.add_weight(name="range_gain", shape=(2,), initializer="ones")

    def call(self, inputs, site=0, training=None):
        if self.fixed:
            return round_activations(inputs, *self.fixed)
        if self.observer:
            self.observer(inputs, site)
        elif training:
            self.follow(ops.stop_gradient(inputs), site)
        if self.learned and training:
            return self._learn(inputs, *self.ends())
        return round_activations(inputs, *self.settled_ends())

    def settled_ends(self):
        """Return the (low, high) that values are rounded to as long as nothing learns."""
        if self.fixed:
            return self.fixed
        low, high = self.ends()
        return (self.gain[0] * low, self.gain[1] * high) if self.learned else (low, high)

    def ends(self):
        """Return the (low, high) that was observed, within the limits."""
        low, high = ops.min(self.low), ops.max(self.high)
        if self.limits:
            low, high = ops.maximum(low, self.limits[0]), ops.minimum(high, self.limits[1])
        return low, high

    def follow(self, inputs, site=0):
        """Move the range towards the ends of a batch."""
        seen = ops.cast(self.observed[site], "float32")
        # A plain mean at first: the first batch replaces what nobody has observed.
        rate = ops.maximum(1.0 - MOMENTUM, 1.0 / (seen + 1.0))
        if self.observe_steps is not None:
            rate = ops.where(seen < self.observe_steps, rate, 0.0)
        here = ops.one_hot(site, self.sites)
        # A grid must hold zero, which padding adds.
        low = ops.minimum(ops.min(inputs), 0.0)
        high = ops.maximum(ops.max(inputs), 0.0)
        self.low.assign(self.low + here * rate * (low - self.low))
        self.high.assign(self.high + here * rate * (high - self.high))
        self.observed.assign(self.observed + ops.cast(here, "int32"))

    def _learn(self, inputs, low, high):
        """Round by a range with a gradient: see `step_gradient`."""
        learning = self.observed[0] > self.observe_steps
        gain = ops.where(learning, self.gain, ops.stop_gradient(self.gain))
        # As many elements as an image has would shout down every weight.
        elements = math.prod(inputs.shape[1:])
        gain = scale_gradient(gain, (ACTIVATION_STEPS * elements) ** -0.5)
        low, high = gain[0] * low, gain[1] * high
        rounded = round_activations(inputs, low, high)
        return rounded + step_gradient(inputs, rounded, low, high)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "fixed": self.fixed,
            "sites": self.sites,
            "observe_steps": self.observe_steps,
            "learned": self.learned,
            "limits": self.limits,
        }


def scale_gradient(value, factor):
    """Return `value`, whose gradient is multiplied by `factor`."""
    return value * factor + ops.stop_gradient(value * (1.0 - factor))


def step_gradient(inputs, rounded, low, high):
    """Return zeros that carry the gradient of the rounding error with respect to the step.

    A clip passes a gradient only to a range that cuts something off. LSQ adds that a smaller
    step moves every rounded value as well (Esser et al. 2020, https://arxiv.org/abs/1902.08153,
    equation 3).
    """
    step = high - low
    error = ops.stop_gradient(rounded - ops.clip(inputs, low, high))
    return (step / ops.stop_gradient(step) - 1.0) * error


def _constant(value):
    return keras.initializers.Constant(value)
