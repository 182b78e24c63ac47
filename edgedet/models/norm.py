"""Batch normalization in one kernel.

Keras writes it as a dozen elementwise operations, which on a CPU cost more than the convolutions
they follow; TensorFlow has it as one. Both compute the same.

Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="edgedet")
class BatchNorm(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over images, trained by TensorFlow's fused kernel.

    The running variance is the unbiased one, as in that kernel.
    """

    def call(self, inputs, training=None, mask=None):
        # Statistics over several replicas are none of the kernel's business. Nor is inference: on
        # CPUs, oneDNN then takes ten times as long for one image as for eight.
        if self.synchronized or not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            tf.convert_to_tensor(self.gamma),
            tf.convert_to_tensor(self.beta),
            epsilon=self.epsilon,
            is_training=True,
        )[:3]
        for running, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            running.assign(running * self.momentum + batch * (1.0 - self.momentum))
        return outputs
