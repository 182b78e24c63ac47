"""Training: a recipe becomes a trained model in a run folder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import keras

from edgedet import files
from edgedet.data.sets.domains import classes_of_domains
from edgedet.training import state
from edgedet.training.datasets import make_feeder, open_datasets
from edgedet.training.ema import WeightAverage
from edgedet.training.failures import explaining
from edgedet.training.history import History
from edgedet.training.initial import adopt, shaped_as
from edgedet.training.model import make_model, prepare
from edgedet.training.progress import Progress
from edgedet.training.recipe import Recipe
from edgedet.training.report import report
from edgedet.training.run import Run, require_new
from edgedet.training.strategy import is_chief, make_strategy, meet, share
from edgedet.training.summaries import Summaries
from edgedet.training.validation import Validation

log = logging.getLogger(__name__)


def fit(recipe: Recipe, out: Path, resume: bool = False, observers: Sequence = ()) -> Run:
    """Train by a recipe.

    Args:
        recipe: The settings, with the data folders; to go on exactly, those of the run.
        out: The run folder; it is made.
        resume: Go on after the last finished epoch of the run in `out`.
        observers: Further Keras callbacks; they see what validation has measured.

    Raises:
        DataError: The data cannot be used, `out` holds a run that is not to be resumed, or the
            recipe is not that of the run that is.
        OutputError: `out` cannot be written; what is there stays as it was.
    """
    strategy = make_strategy(recipe)
    run, chief = Run(Path(out)), is_chief(strategy)
    if resume:
        recipe.require_same(Recipe.read(run.recipe_file))
        run.sweep()
    elif chief:
        require_new(run)
    keras.utils.set_random_seed(recipe.seed)
    train, val = open_datasets(recipe)
    with strategy.scope():
        model = make_model(recipe, train.class_names, classes_of_domains(train))
        model = _as_pruned(model, run, recipe, resume)
    feeder = make_feeder(train, recipe, model)
    with strategy.scope():
        prepare(model, recipe, feeder.steps)
    done, average = _begin(run, recipe, model, resume)
    if chief:
        files.write_text(run.recipe_file, recipe.to_json())
    callbacks = [average]
    if chief:
        callbacks += [*_observers(run, recipe, feeder, val, average), *observers]
    learn(model, strategy, recipe, feeder, done, callbacks)
    if chief:
        report(run, recipe, feeder.steps * recipe.batch_size, train, val)
    meet(strategy)
    return run


def _as_pruned(model, run, recipe, resume):
    """Return a model as narrow as the one that it goes on from, if there is one."""
    for path in (resume and run.last_file, recipe.initial):
        if path and Path(path).exists():
            return shaped_as(model, Path(path))
    return model


def _begin(run, recipe, model, resume):
    """Give the model its first weights, or those it had; return the finished epochs."""
    average = WeightAverage(recipe.optimization.ema_decay)
    if resume and run.state_file.is_file():
        average.set_model(model)
        done = state.restore(run.state_file, model, average)
        left = max(0, recipe.epochs - done)
        log.info("going on after epoch %d: %d left", done, left)
        return done, average
    if recipe.initial:
        adopt(model, Path(recipe.initial))
    average.set_model(model)
    return 0, average


def _observers(run, recipe, feeder, val, average):
    """Return what measures, tells and writes, in this order."""
    epochs = recipe.epochs
    history = History(run, average, epochs)
    best = max((row.get("val_ap50", -1.0) for row in history.rows), default=-1.0)
    validation = Validation(run, val, average, recipe.evaluate_every, epochs, best)
    progress = Progress(recipe.batch_size, feeder.steps, epochs)
    return [validation, Summaries(run, validation), progress, history]


def learn(model, strategy, recipe, feeder, done, callbacks):
    """Run `fit` from epoch `done` to the end of the recipe; say in words what went wrong."""

    def make(*part):
        return feeder.epochs(done, recipe.epochs, part)

    with explaining(recipe):
        model.fit(
            share(strategy, make, recipe.batch_size),
            steps_per_epoch=feeder.steps,
            initial_epoch=done,
            epochs=recipe.epochs,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
