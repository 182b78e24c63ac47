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

    def test_step(self, batch):
        return self.means.update({"loss": tf.reduce_mean((self.slope * batch - 2 * batch) ** 2)})


def test_a_step_is_traced_once():
    model = Slope()
    model.compile(keras.optimizers.Adam(0.1))
    data = tf.data.Dataset.from_tensors(np.ones(4, "float32")).repeat()
    history = model.fit(data, steps_per_epoch=30, epochs=3, verbose=0, shuffle=False).history
    assert model.passes == 1
    assert np.abs(float(model.slope) - 2) < 0.2
    assert history["loss"][-1] < history["loss"][0]


def test_two_fits_are_one_of_both_lengths():
    data = tf.data.Dataset.from_tensors(np.ones(4, "float32")).repeat()
    slopes = []
    for lengths in ([10], [5, 5]):
        model = Slope()
        model.compile(keras.optimizers.Adam(0.1))
        for steps in lengths:
            model.fit(data, steps_per_epoch=steps, epochs=1, verbose=0, shuffle=False)
        slopes.append(float(model.slope))
    assert slopes[0] == slopes[1]


def test_who_is_only_measured_needs_no_optimizer():
    model = Slope()
    model.compile(keras.optimizers.Adam(0.1))
    model.evaluate(tf.data.Dataset.from_tensors(np.ones(4, "float32")), verbose=0)
    assert not model.optimizer.built
