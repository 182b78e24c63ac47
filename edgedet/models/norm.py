"""Batch normalization in one kernel.

Keras writes it as a dozen elementwise operations, which on a CPU cost more than the convolutions
they follow; TensorFlow has it as one. Both compute the same.

Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="edgedet")
class BatchNorm(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` of `[B, h, w, channels]`, by TensorFlow's fused kernel.

    With scale and centre, as is Keras's default. The running variance is the unbiased one, as in
    that kernel. Statistics over several replicas are Keras's own.
    """

    def call(self, inputs, training=None, mask=None):
        learns = training and self.trainable
        if learns and self.synchronized:
            return super().call(inputs, training=training, mask=mask)
        known = () if learns else (self.moving_mean, self.moving_variance)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            *map(tf.convert_to_tensor, (self.gamma, self.beta, *known)),
            epsilon=self.epsilon,
            is_training=bool(learns),
        )[:3]
        if learns:
            self._remember(mean, variance)
        return outputs

    def _remember(self, mean, variance):
        for running, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            running.assign(running * self.momentum + batch * (1.0 - self.momentum))
