"""Fine-tuning for INT8: a trained detector learns on while it computes as its file will.

Jacob et al. 2018, https://arxiv.org/abs/1712.05877; Krishnamoorthi 2018,
https://arxiv.org/abs/1806.08342, whose advice on batch normalization is followed: it adapts to
rounded features at first, and is frozen for the rest.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable

import keras

from edgedet.data.record import Dataset
from edgedet.errors import DataError
from edgedet.models import Detector
from edgedet.quantization import observe, quantize_aware
from edgedet.quantization.clipping import lowest_logits, raise_lows
from edgedet.quantization.tfmot import quantize_by_tfmot
from edgedet.training.datasets import make_feeder, open_datasets
from edgedet.training.ema import WeightAverage
from edgedet.training.failures import explaining
from edgedet.training.learning_on import QAT_ENGINE, QAT_RATE
from edgedet.training.loop import learn
from edgedet.training.model import prepare
from edgedet.training.progress import Progress
from edgedet.training.recipe import Recipe
from edgedet.training.strategy import make_strategy

# Share of the epochs in which the learning rate rises, and in which batch norms adapt.
WARMUP, ADAPTING = 0.1, 0.5
# Batches that set the ranges before the first step.
OBSERVED_BATCHES = 8

log = logging.getLogger(__name__)


def _by_edgedet(model, batches, adapting_steps):
    made = quantize_aware(model.network, norm_steps=adapting_steps)
    observe(made, batches)
    raise_lows(made, lowest_logits(model.manifest()))
    return made


def _by_tfmot(model, batches, adapting_steps):
    # Its batch norms adapt in every step.
    return quantize_by_tfmot(model.network, batches)


# Each makes of a trained detector a network that rounds: `engine(model, batches, adapting_steps)`.
ENGINES: dict[str, Callable] = {"edgedet": _by_edgedet, "tfmot": _by_tfmot}


def fine_tune(
    model: Detector,
    recipe: Recipe,
    epochs: int,
    engine: str = QAT_ENGINE,
    rate: float = QAT_RATE,
) -> Detector:
    """Return a detector that rounds as INT8 does, and has learned to live with it.

    It learns from the recipe's data with its losses, from images as in the last epochs of a
    training: without mosaic, mixup and copy-paste. What is returned are the averaged weights and
    ranges.

    Args:
        model: A trained detector; it is not changed.
        recipe: What it was trained by.
        epochs: Passes over the data.
        engine: Who rounds: one of `ENGINES`.
        rate: Share of the recipe's learning rate.

    Raises:
        DataError: The data cannot be used, or labels other classes than the model knows.
        ModelError: The engine does not know how a layer is computed with integers.
        MissingExtraError: The engine is not installed.
    """
    recipe = gentler(recipe, epochs, rate)
    keras.utils.set_random_seed(recipe.seed)
    train, _ = open_datasets(recipe)
    require_classes(train, model)
    feeder = make_feeder(train, recipe, model)
    with explaining(recipe):
        batches = [batch["images"] for batch in feeder.epochs(0, 1).take(OBSERVED_BATCHES)]
    adapting_steps = round(ADAPTING * epochs * feeder.steps)
    log.info("fine-tuning for INT8: %d epochs of %d steps", epochs, feeder.steps)
    tuned = model.with_network(ENGINES[engine](model, batches, adapting_steps))
    prepare(tuned, recipe, feeder.steps)
    average = WeightAverage(recipe.optimization.ema_decay)
    average.set_model(tuned)
    progress = Progress(recipe.batch_size, feeder.steps, epochs)
    learn(tuned, make_strategy(recipe), recipe, feeder, 0, [average, progress])
    for weight, averaged in zip(tuned.weights, average.shadows, strict=True):
        weight.assign(averaged)
    return tuned


def gentler(recipe: Recipe, epochs: int, rate: float) -> Recipe:
    """Return the recipe with the steps of a fine-tuning, on this device alone.

    Args:
        recipe: What a model was trained by.
        epochs: Passes over the data.
        rate: Share of its learning rate.
    """
    changed = dataclasses.replace(
        recipe.optimization,
        learning_rate=rate * recipe.optimization.learning_rate,
        warmup_epochs=WARMUP * epochs,
        # Half precision has too few digits to tell integers apart.
        precision="float32",
    )
    feeding = dataclasses.replace(recipe.feeding, plain_epochs=epochs, multi_scale=0.0)
    return dataclasses.replace(
        recipe, epochs=epochs, strategy="single", optimization=changed, feeding=feeding
    )


def require_classes(train: Dataset, model: Detector) -> None:
    """Refuse to fine-tune a model on data of other classes.

    Raises:
        DataError: They differ.
    """
    if tuple(train.class_names) != model.class_names:
        raise DataError(
            f"{train.source}: expected the classes of the model, {', '.join(model.class_names)}, "
            f"found {', '.join(train.class_names)}.\n"
            "Fine-tune on the data that the model was trained on."
        )
