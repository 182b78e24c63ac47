"""Learner: what models with a `train_step` of their own have in common."""

import keras

from edgedet.models.means import Means


class Learner(keras.Model):
    """A built Keras model with a `train_step` of its own, and running means of what it reports.

    Its step is traced once: Keras would trace it without an optimizer's variables and then again
    with them, which for a detector is most of the wait before the first step.
    """

    means = Means()

    @property
    def metrics(self):
        return self.means.metrics

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Keras would take a batch of several replicas apart to build a model; ours is built.
        if self.optimizer is not None and not self.optimizer.built:
            with self.distribute_strategy.scope():
                self.optimizer.build(self.trainable_variables)
