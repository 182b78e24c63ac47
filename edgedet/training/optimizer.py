"""The optimizer that a recipe asks for."""

from __future__ import annotations

import keras

from edgedet.settings import Optimization
from edgedet.training.adamw import AdamW
from edgedet.training.muon import Muon
from edgedet.training.schedule import WarmupCosine, WarmupDrops

# What is not decayed: shifts and scales do not make a network more complicated.
UNDECAYED = ["bias", "gamma", "beta", "gain"]


def make_optimizer(
    chosen: Optimization, steps: int, epochs: int, replicas: int = 1
) -> keras.optimizers.Optimizer:
    """Return a Keras optimizer with its schedule.

    Args:
        chosen: The settings.
        steps: Steps of an epoch.
        epochs: Epochs until the end of the schedule.
        replicas: Copies of the model that train together; see `Detector.train_step`.
    """
    optimizer = OPTIMIZERS[chosen.optimizer](
        chosen,
        learning_rate=SCHEDULES[chosen.schedule](chosen, steps, epochs),
        weight_decay=chosen.weight_decay,
        # Of several replicas each is given its share of one gradient, so a share of the length.
        global_clipnorm=chosen.clip_norm / replicas,
        # Keras would number it, and a resumed run must find its variables by their names.
        name="optimizer",
    )
    optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    return optimizer


def _adamw(_, **options):
    return AdamW(**options)


def _muon(_, **options):
    return Muon(**options)


def _sgd(chosen, **options):
    return keras.optimizers.SGD(momentum=chosen.momentum, nesterov=True, **options)


def _cosine(chosen, steps, epochs):
    warmup = round(chosen.warmup_epochs * steps)
    return WarmupCosine(chosen.learning_rate, warmup, epochs * steps, chosen.final_rate)


def _step(chosen, steps, _):
    warmup = round(chosen.warmup_epochs * steps)
    every = max(1, round(chosen.drop_every * steps))
    return WarmupDrops(chosen.learning_rate, warmup, every, chosen.drop_to)


OPTIMIZERS = {"adamw": _adamw, "muon": _muon, "sgd": _sgd}
SCHEDULES = {"cosine": _cosine, "step": _step}
