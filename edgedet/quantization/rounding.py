"""Rounding as 8-bit integers do it, with a gradient that passes straight through.

Rounding has no slope, so training would stand still; the straight-through estimator (Bengio et
al. 2013, https://arxiv.org/abs/1308.3432) gives it the slope of the identity, and none where a
value is cut off.
"""

from __future__ import annotations

import tensorflow as tf
from keras import ops

# Weights use -127..127, so that zero is in the middle: TFLite's kernels know no zero point there.
WEIGHT_STEPS = 127
# Activations use all 256 integers.
ACTIVATION_STEPS = 255
# A channel of zeros has a step too.
TINY = 1e-8


def round_weights(kernel, axes, gain=1.0):
    """Return a kernel on the grid of its integers, symmetric, with a step for each channel.

    The largest weight of a channel is 127 steps. The converter measures the steps in the same
    way on what this returns, so it finds the same grid.

    Args:
        kernel: Float tensor.
        axes: The axes that do not tell channels apart.
        gain: Factor on the largest weight, in (0, 1], broadcast over the kernel; a smaller one
            cuts large weights off, and rounds the others more finely.
    """
    limit = ops.stop_gradient(ops.max(ops.abs(kernel), axis=axes, keepdims=True))
    step = ops.maximum(limit, TINY) * gain / WEIGHT_STEPS
    steps = ops.clip(kernel / step, -WEIGHT_STEPS, WEIGHT_STEPS)
    return (steps + ops.stop_gradient(ops.round(steps) - steps)) * step


def round_activations(values, low, high):
    """Return values on the grid of 256 steps from `low` to `high`, which is moved to hold zero.

    TensorFlow's operation, because the converter reads the range from it. Its gradient is that
    of a clip, for the values and for both ends of the range.

    Args:
        values: Float tensor.
        low: Scalar <= 0.
        high: Scalar >= 0.
    """
    return tf.quantization.fake_quant_with_min_max_vars(values, low, high)
