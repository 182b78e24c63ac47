"""Magnitude pruning of a trained detector: it learns on while its smallest weights become zero."""

from __future__ import annotations

from pathlib import Path

import keras

from edgedet import files
from edgedet.models import Detector
from edgedet.pruning.tfmot import SparseTwin
from edgedet.training.datasets import make_feeder, open_datasets
from edgedet.training.ema import WeightAverage
from edgedet.training.fine_tuning import gentler, require_classes
from edgedet.training.history import History
from edgedet.training.loop import learn
from edgedet.training.model import prepare
from edgedet.training.progress import Progress
from edgedet.training.recipe import Recipe
from edgedet.training.report import report
from edgedet.training.run import Run, require_new
from edgedet.training.strategy import make_strategy
from edgedet.training.validation import Validation


def sparsify_and_fit(
    model: Detector, recipe: Recipe, out: Path, share: float, epochs: int, rate: float
) -> Run:
    """Train a detector on while tfmot holds more and more of its weights at zero.

    Args:
        model: A trained detector; it is not changed.
        recipe: What it was trained by.
        out: The run folder; it is made. The run cannot be resumed.
        share: Share of the weights of every kernel; see `SparseTwin`.
        epochs: Passes over the data.
        rate: Share of the recipe's learning rate.

    Raises:
        DataError: The data cannot be used, or labels other classes than the model knows; or there
            is a run in `out` already.
        MissingExtraError: tfmot is not installed.
        ModelError: tfmot does not know how to prune a layer.
        OutputError: `out` cannot be written.
    """
    run, recipe = Run(Path(out)), gentler(recipe, epochs, rate)
    require_new(run)
    keras.utils.set_random_seed(recipe.seed)
    train, val = open_datasets(recipe)
    require_classes(train, model)
    feeder = make_feeder(train, recipe, model)
    sparse = SparseTwin(model.network, share, epochs * feeder.steps)
    learning, kept = model.with_network(sparse.network), _copy(model)

    def with_zeros(_):
        sparse.copy_to(kept.network)
        return kept

    prepare(learning, recipe, feeder.steps)
    average = WeightAverage(recipe.optimization.ema_decay)
    average.set_model(learning)
    files.write_text(run.recipe_file, recipe.to_json())
    callbacks = [
        average,
        # Only at the end: before, a model with fewer zeros would look better.
        Validation(run, val, average, epochs, epochs, kept=with_zeros),
        Progress(recipe.batch_size, feeder.steps, epochs),
        History(run, average, epochs),
    ]
    learn(learning, make_strategy(recipe), recipe, feeder, 0, callbacks)
    report(run, recipe, feeder.steps * recipe.batch_size, train, val)
    return run


def _copy(model):
    copy = type(model).from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return copy
