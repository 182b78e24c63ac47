"""AdamW in few operations: what Keras's computes, from a graph of half the size.

Keras says a step of AdamW in some fifty operations for each variable, among them the learning rate
again and again: most of the graph of a training step of a small detector, and most of the time
until its first step. TensorFlow has one operation for it.

Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101
"""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="edgedet")
class AdamW(keras.optimizers.AdamW):
    """`keras.optimizers.AdamW` with its arguments but `amsgrad`, its variables and results."""

    def _apply_weight_decay(self, variables):
        # Comes in `update_step`, which knows the learning rate already.
        pass

    def update_step(self, gradient, variable, learning_rate):
        rate = tf.cast(learning_rate, variable.dtype)
        if self._use_weight_decay(variable):
            variable.assign_sub(variable * (self.weight_decay * rate))
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations, variable.dtype) + 1
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )
