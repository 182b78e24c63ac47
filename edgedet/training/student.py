"""The student: the model of a recipe, ready to learn as the recipe says."""

from __future__ import annotations

import contextlib

import keras

from edgedet.losses import DetectionLoss
from edgedet.models import MODELS, Detector
from edgedet.models.shares import replicas
from edgedet.training.distillation import taught
from edgedet.training.optimizer import make_optimizer
from edgedet.training.recipe import Recipe


def make_student(recipe: Recipe, class_names) -> Detector:
    """Return the model with random weights; make it in the scope of its strategy.

    Raises:
        ModelError: The network cannot be made so.
    """
    with _precision(recipe.optimization.precision):
        model = MODELS[recipe.model](input_size=recipe.input_size, class_names=class_names)
    if replicas() > 1 and recipe.optimization.synchronize_norms:
        for layer in model.network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True
    return model


def prepare(model: Detector, recipe: Recipe, steps: int) -> None:
    """Give a model what it learns with; in the scope of its strategy.

    Args:
        model: What learns.
        recipe: The settings.
        steps: Steps of an epoch.

    Raises:
        DataError: The teacher does not fit the model.
        ModelError: The teacher cannot be read.
    """
    chosen = recipe.optimization
    assigner, loss = model.assigner_of(recipe.assignment), DetectionLoss(**vars(recipe.loss))
    if recipe.distillation.teacher:
        assigner, loss = taught(recipe.distillation, model, assigner, loss)
    optimizer = make_optimizer(chosen, steps, recipe.epochs, replicas())
    model.compile(optimizer, assigner, loss, chosen.accumulate)
    optimizer.build(model.trainable_variables)


@contextlib.contextmanager
def _precision(policy):
    """Let Keras make layers that compute in another precision while the block runs."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
