"""Training: a recipe becomes a trained model in a run folder."""

from __future__ import annotations

import logging
from pathlib import Path

import keras

from edgedet import files
from edgedet.data.combine import combine
from edgedet.data.layouts import open_dataset
from edgedet.data.pipeline import Feeder
from edgedet.data.teacher import doubt
from edgedet.errors import DataError
from edgedet.losses import DetectionLoss
from edgedet.models import MODELS
from edgedet.training import state
from edgedet.training.ema import WeightAverage
from edgedet.training.history import History
from edgedet.training.initial import adopt
from edgedet.training.recipe import Recipe
from edgedet.training.run import Run
from edgedet.training.schedule import WarmupCosine
from edgedet.training.validation import Validation

log = logging.getLogger(__name__)


def fit(recipe: Recipe, out: Path, resume: bool = False) -> Run:
    """Train by a recipe.

    Args:
        recipe: The settings, with the data folders; to go on exactly, those of the run.
        out: The run folder; it is made.
        resume: Go on after the last finished epoch of the run in `out`.

    Raises:
        DataError: The data cannot be used, or `out` holds a run that is not to be resumed.
    """
    run = Run(Path(out))
    if resume:
        Recipe.read(run.recipe_file)  # There must be one.
    elif run.recipe_file.is_file():
        raise DataError(
            f"{out}: there is a run already.\nChoose another --out, or go on with --resume."
        )
    keras.utils.set_random_seed(recipe.seed)
    train, val = _datasets(recipe)
    model = MODELS[recipe.model](input_size=recipe.input_size, class_names=train.class_names)
    feeder = Feeder(train, model.input_size, recipe.batch_size, recipe.seed, recipe.feeding)
    feeder.require_batch()
    if recipe.initial and not resume:
        adopt(model, Path(recipe.initial))
    _compile(model, recipe, feeder.steps)
    files.write_text(run.recipe_file, recipe.to_json())
    _train(run, recipe, model, feeder, val, resume)
    return run


def _train(run, recipe, model, feeder, val, resume):
    average = WeightAverage(recipe.optimization.ema_decay)
    average.set_model(model)
    done = 0
    if resume and run.state_file.is_file():
        done = state.restore(run.state_file, model, average)
        log.info("going on after epoch %d", done)
    history = History(run, average, feeder.steps * recipe.batch_size, recipe.epochs)
    best = max((row.get("val_ap50", -1.0) for row in history.rows), default=-1.0)
    validation = Validation(run, val, average, recipe.evaluate_every, recipe.epochs, best)
    model.fit(
        feeder.epochs(done, recipe.epochs),
        steps_per_epoch=feeder.steps,
        initial_epoch=done,
        epochs=recipe.epochs,
        callbacks=[average, validation, history],
        shuffle=False,
        verbose=0,
    )


def _datasets(recipe):
    if not recipe.data:
        raise DataError("Expected at least one --data folder to train on, found none.")
    sets = [open_dataset(Path(folder), "train") for folder in recipe.data]
    train = doubt(combine(sets, recipe.classes or None), recipe.min_teacher_score)
    first = Path(recipe.data[0])
    if first.is_file():
        # It is all of its split: measured on it, a model would look as good as it remembers.
        log.warning("training without validation: %s has no val part", first)
        return train, None
    try:
        # Evaluation meets classes by name, so the val part may have more of them.
        val = open_dataset(first, "val")
    except DataError as error:
        log.warning("training without validation: %s", error)
        val = None
    return train, val


def _compile(model, recipe, steps):
    chosen = recipe.optimization
    schedule = WarmupCosine(
        chosen.learning_rate,
        round(chosen.warmup_epochs * steps),
        recipe.epochs * steps,
        chosen.final_rate,
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=chosen.weight_decay, global_clipnorm=chosen.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer, model.assigner_of(recipe.assignment), DetectionLoss(**vars(recipe.loss))
    )
    optimizer.build(model.trainable_variables)
