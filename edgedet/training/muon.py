"""Muon: kernels of convolutions step in all directions alike; everything else as AdamW does.

The momentum of a kernel is a matrix of few strong directions, which are learned first and again
and again; made orthogonal, weak directions are followed as far as strong ones, and a network learns
in fewer steps. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/, on convolutions as
there; the length of a step as in Liu et al. 2025, https://arxiv.org/abs/2502.16982, so that
learning rate and decay of AdamW serve both.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from edgedet.training.adamw import AdamW

# Of the iteration, from the first source: fast near zero, and not exact, which costs nothing.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
# What AdamW moves a weight by in a step, as a share of the learning rate; measured in the second.
USUAL_STEP = 0.2
# How much of the momentum a step keeps.
MOMENTUM = 0.95
# In the names of last layers, whose columns each have a scale of their own.
LAST = "logits"


@keras.saving.register_keras_serializable(package="edgedet")
class Muon(AdamW):
    """`AdamW` with its arguments, that steps by orthogonal matrices where kernels are wide."""

    def update_step(self, gradient, variable, learning_rate):
        place = self._get_variable_index(variable)
        if not is_wide(variable.shape) or LAST in self._trainable_variables[place].path:
            super().update_step(gradient, variable, learning_rate)
            return
        rate = tf.cast(learning_rate, variable.dtype)
        momentum = self._momentums[place].value
        momentum.assign(MOMENTUM * momentum + gradient)
        rows, columns = matrix_shape(variable.shape)
        direction = tf.reshape(gradient + MOMENTUM * momentum, (rows, columns))
        step = orthogonal(direction) * (USUAL_STEP * max(rows, columns) ** 0.5)
        decay = self.weight_decay if self._use_weight_decay(variable) else 0.0
        variable.assign_sub(rate * (tf.reshape(step, variable.shape) + decay * variable))


def matrix_shape(shape) -> tuple[int, int]:
    """Return the rows (places and channels that are read) and columns (written) of a kernel."""
    *read, written = shape
    rows = 1
    for length in read:
        rows *= length
    return rows, written


def is_wide(shape) -> bool:
    """Return whether a variable is a kernel from several channels to several."""
    return len(shape) == 4 and min(shape[2:]) > 4


def orthogonal(matrix):
    """Return nearly the orthogonal matrix next to `matrix`, `[R, C]`, whose scale is nothing.

    Its singular values are about .7 to 1.2 (Newton-Schulz iteration).
    """
    tall = matrix.shape[0] > matrix.shape[1]
    matrix = tf.transpose(matrix) if tall else matrix
    matrix = matrix / (tf.norm(matrix) + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        square = tf.matmul(matrix, matrix, transpose_b=True)
        matrix = a * matrix + tf.matmul(b * square + c * tf.matmul(square, square), matrix)
    return tf.transpose(matrix) if tall else matrix
