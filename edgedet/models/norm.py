"""Batch normalization in one kernel.

Keras writes it as a dozen elementwise operations, which on a CPU cost more than the convolutions
they follow; TensorFlow has it as one. Both compute the same.

Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="edgedet")
class BatchNorm(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over images, computed by TensorFlow's fused kernel.

    The running variance is the unbiased one, as in that kernel.
    """

    def call(self, inputs, training=None, mask=None):
        # Statistics over several replicas are none of the kernel's business, nor are those that
        # stay as they are in a step of training.
        if training and (self.synchronized or not self.trainable):
            return super().call(inputs, training=training, mask=mask)
        known = () if training else (self.moving_mean, self.moving_variance)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            *map(tf.convert_to_tensor, (self.gamma, self.beta, *known)),
            epsilon=self.epsilon,
            is_training=bool(training),
        )[:3]
        if training:
            self._remember(mean, variance)
        return outputs

    def _remember(self, mean, variance):
        for running, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            running.assign(running * self.momentum + batch * (1.0 - self.momentum))
