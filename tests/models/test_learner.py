import keras
import numpy as np
import tensorflow as tf

from edgedet.models.learner import Learner
from edgedet.models.means import Means


class Slope(Learner):
    """Learns y = 2 x, and counts how often Python goes through its step."""

    def __init__(self):
        super().__init__()
        self.slope = self.add_weight(initializer="zeros", name="slope")
        self.means = Means(("loss",))
        self.built, self.passes = True, 0

    def train_step(self, batch):
        self.passes += 1
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.slope * batch - 2 * batch) ** 2)
        self.optimizer.apply(tape.gradient(loss, [self.slope]), [self.slope])
        return self.means.update({"loss": loss})


def test_a_step_is_traced_once():
    model = Slope()
    model.compile(keras.optimizers.Adam(0.1))
    data = tf.data.Dataset.from_tensors(np.ones(4, "float32")).repeat()
    history = model.fit(data, steps_per_epoch=30, epochs=3, verbose=0, shuffle=False).history
    assert model.passes == 1
    assert np.abs(float(model.slope) - 2) < 0.2
    assert history["loss"][-1] < history["loss"][0]


def test_an_optimizer_that_went_before_goes_on():
    model = Slope()
    model.compile(keras.optimizers.Adam(0.1))
    data = tf.data.Dataset.from_tensors(np.ones(4, "float32")).repeat()
    for _ in range(2):
        model.fit(data, steps_per_epoch=5, epochs=1, verbose=0, shuffle=False)
    assert int(model.optimizer.iterations) == 10
