"""The exponential moving average of weights: what is evaluated and kept.

Batch-norm statistics are averaged too, so that the average is a network of its own.
Tarvainen and Valpola 2017, https://arxiv.org/abs/1703.01780
"""

import contextlib

import keras
import tensorflow as tf

# The average begins as the weights themselves: after n steps its decay is at most
# (1 + n) / (WARMUP + n).
WARMUP = 10.0


class WeightAverage(keras.callbacks.Callback):
    """Averages the weights of a model after every step.

    Args:
        decay: Weight of the past, in [0, 1); nearer to 1 is smoother and slower.
    """

    def __init__(self, decay: float):
        super().__init__()
        self.decay = decay
        self.steps = tf.Variable(0.0, trainable=False)
        self.shadows: list[tf.Variable] = []

    def set_model(self, model):
        super().set_model(model)
        if not self.shadows:
            self.shadows = [tf.Variable(weight, trainable=False) for weight in model.weights]

    def on_train_batch_end(self, batch, logs=None):
        self._update()

    @tf.function
    def _update(self):
        self.steps.assign_add(1.0)
        decay = tf.minimum(self.decay, (1.0 + self.steps) / (WARMUP + self.steps))
        for shadow, weight in zip(self.shadows, self.model.weights, strict=True):
            if weight.dtype == "float32":
                shadow.assign_sub((1.0 - decay) * (shadow - weight.value))
            else:
                shadow.assign(weight.value)

    @contextlib.contextmanager
    def applied(self):
        """Give the model its averaged weights while the block runs."""
        current = [weight.numpy() for weight in self.model.weights]
        for weight, shadow in zip(self.model.weights, self.shadows, strict=True):
            weight.assign(shadow)
        try:
            yield self.model
        finally:
            for weight, value in zip(self.model.weights, current, strict=True):
                weight.assign(value)
