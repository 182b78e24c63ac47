"""Learner: what models with a `train_step` of their own have in common."""

import keras

from edgedet.models.means import Means


class Learner(keras.Model):
    """A built Keras model with a `train_step` of its own, and running means of what it reports.

    Its step is traced once: where an optimizer makes its variables in the first step, TensorFlow
    traces that step again without, which for a detector doubles the wait before training.
    """

    means = Means()

    @property
    def metrics(self):
        return self.means.metrics

    def make_train_function(self, force=False):
        if not self.optimizer.built:
            with self.distribute_strategy.scope():
                self.optimizer.build(self.trainable_variables)
        return super().make_train_function(force)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Keras would take a batch of several replicas apart to build a model; ours is built.
        pass
