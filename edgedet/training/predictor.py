"""Train a predictor on films whose truth is known: what is there without noise, light and wind."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from edgedet.losses.binary import bce_with_logits_loss
from edgedet.losses.gaussian import gaussian_nll_loss
from edgedet.models.learner import Learner
from edgedet.models.means import Means
from edgedet.models.observation import contrast, light_of, patches
from edgedet.models.predictor import Predictor
from edgedet.runtime.sparse.contrast import DARK
from edgedet.runtime.sparse.prediction import SHARE
from edgedet.runtime.sparse.predictor import PATCH
from edgedet.training.films import Films, clips

LEARNING_RATE, CLIP = 8e-3, 1.0
# True contrast of a patch, root mean square: below the first it need not be computed, from the
# second on it must be.
LEAST, CERTAIN = 0.04, 0.12
# What was overlooked weighs as much more than what was computed in vain.
MISS_WEIGHT = 3.0
# Of the likelihood, beside finding what changed; only the likelihood trains
# what is expected.
LIKELIHOOD_WEIGHT = 0.3
# Standard deviation of the bias with which a clip is looked at, so that the predictor learns from
# careful gates and from careless ones.
EXPLORATION = 1.0
# Batches after which there is something to report.
EPOCH = 50


def train_predictor(
    predictor: Predictor, films: Films, steps: int = 800, seed: int = 0, callbacks=()
) -> dict[str, list[float]]:
    """Train a predictor, and return the history.

    Args:
        predictor: Learns.
        films: To learn from.
        steps: Batches.
        seed: Chooses the clips.
        callbacks: Keras's own.
    """
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    learner = PredictorLearner(predictor)
    learner.compile(optimizer=keras.optimizers.Adam(rate, clipnorm=CLIP))
    epochs = max(1, steps // EPOCH)
    return learner.fit(
        clips(films, seed),
        epochs=epochs,
        steps_per_epoch=steps // epochs,
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks],
    ).history


class PredictorLearner(Learner):
    """Lets a predictor watch clips as a gate would: what it finds is computed, the rest stays.

    Args:
        predictor: Learns.
        **kwargs: Keras's own.
    """

    def __init__(self, predictor: Predictor, **kwargs):
        super().__init__(**kwargs)
        self.predictor = predictor
        # Turns the logarithm of surprise into a logit.
        self.slope = self.add_weight(initializer=keras.initializers.Constant(2.0), name="slope")
        self.means = Means(("loss", "change", "likelihood"))
        self.built = True

    def call(self, clips):
        """Return the surprise of each patch in each frame but the first, `[B, T - 1, r, c]`."""
        return ops.stack([frame["surprise"] for frame in self.watch(clips)], axis=1)

    def train_step(self, clips):
        with tf.GradientTape() as tape:
            loss, terms = self._loss(clips)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self.means.update({"loss": loss, **terms})

    def watch(self, clips: dict, bias=0.0) -> Iterator[dict]:
        """Yield what happens in each frame but the first.

        Args:
            clips: See `films.clips`.
            bias: Logit from which on a patch is computed, `[B, 1, 1]` or one for all.

        Yields:
            `surprise`, `logits` of a change, and whether what is there has `changed` since the
            patch was computed, 0 to 1, all `[B, r, c]`; the `embedded` contrast, and the `state`
            that it was expected in.
        """
        samples, scenes = clips["samples"], clips["scenes"]
        reference, known = samples[:, 0], scenes[:, 0]
        light, shape = ops.ones((samples.shape[0], 1, 1)), patches(reference).shape[:3]
        state = self.predictor.begin(math.prod(shape))
        for number in range(1, samples.shape[1]):
            brightness, scene = samples[:, number], scenes[:, number]
            light = light_of(brightness, reference, light)
            changes = patches(contrast(brightness, reference, light))
            surprise, embedded, remembered = self.predictor.observe(changes, state)
            logits = self._logits(surprise)
            said = {"surprise": surprise, "logits": logits, "embedded": embedded, "state": state}
            yield {**said, "changed": _changed(scene, known)}
            computed = self._computed(ops.stop_gradient(logits), bias)
            seen = ops.repeat(ops.repeat(computed, PATCH, axis=1), PATCH, axis=2)
            reference = ops.where(seen, brightness / light, reference)
            known = ops.where(seen, scene, known)
            state = self.predictor.look_ahead(remembered, ops.reshape(computed, (-1, 1)))

    def _logits(self, surprise):
        distance = ops.log(surprise + keras.config.epsilon()) - self.predictor.log_threshold
        return ops.softplus(self.slope) * distance

    def _computed(self, logits, bias):
        """Return what a gate with this bias computes, bool `[B, r, c]`; see `SHARE`."""
        found = ops.any(logits > bias, axis=(1, 2), keepdims=True)
        return found & (logits > bias + ops.softplus(self.slope) * np.log(SHARE))

    def _loss(self, clips):
        change = likelihood = 0.0
        bias = EXPLORATION * tf.random.normal((clips["samples"].shape[0], 1, 1))
        watched = list(self.watch(clips, bias))
        for frame in watched:
            changed = frame["changed"]
            errors = bce_with_logits_loss(frame["logits"], changed)
            change += ops.mean((1 + MISS_WEIGHT * changed) * errors)
            likelihood += ops.mean((1 - ops.reshape(changed, (-1, 1))) * _unlikely(frame))
        change, likelihood = change / len(watched), likelihood / len(watched)
        return change + LIKELIHOOD_WEIGHT * likelihood, {"change": change, "likelihood": likelihood}


def _changed(scene, known):
    """Return 0 to 1 for each patch: whether what is there is what the network has seen."""
    change = patches(ops.log(scene + DARK) - ops.log(known + DARK))
    contrast = ops.sqrt(ops.mean(change**2, axis=-1))
    return ops.clip((contrast - LEAST) / (CERTAIN - LEAST), 0.0, 1.0)


def _unlikely(frame):
    """Return the negative log likelihood of what was seen, which is no target of its own."""
    state, seen = frame["state"], ops.stop_gradient(frame["embedded"])
    return gaussian_nll_loss(state["mean"], state["log_variance"], seen)
