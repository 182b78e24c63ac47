"""Train an object memory on simulated tracks, and say how well it predicts."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from edgedet.geometry import boxes as box_geometry
from edgedet.models.memory import ObjectMemory
from edgedet.models.memory_loss import HORIZONS
from edgedet.runtime.tracking import memory as device

# Sequences a batch; those of others are what a track must not be taken for.
BATCH = 8
LEARNING_RATE, CLIP = 2e-3, 1.0
# Of what a detection tells: what changes its sign from left to right, and ln(width / height).
SIDEWAYS, ASPECT = (0, 4), 8


def train_memory(
    memory: ObjectMemory, clips: dict, held_out: dict, epochs: int = 30, seed: int = 0, callbacks=()
) -> dict[str, list[float]]:
    """Train, keep the epoch that was best on the sequences held out, and return the history.

    Args:
        memory: Learns.
        clips: Tracks of training sequences, see `edgedet.training.track_clips`.
        held_out: Tracks of sequences of other images.
        epochs: Passes over the clips.
        seed: Decides the order.
        callbacks: Keras's own.
    """
    steps = len(clips["seen"]) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps, alpha=0.02)
    memory.compile(keras.optimizers.Adam(rate, clipnorm=CLIP))
    best = _Best()
    history = memory.fit(
        batches(clips, seed),
        validation_data=batches(held_out),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[best, *callbacks],
    )
    memory.set_weights(best.weights)
    return history.history


def batches(clips: dict, seed: int | None = None) -> tf.data.Dataset:
    """Return clips in batches of the tracks of `BATCH` sequences; shuffled with a seed."""
    data = tf.data.Dataset.from_tensor_slices(clips)
    if seed is not None:
        numbers = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
        data = data.shuffle(len(clips["seen"]), seed)
        data = tf.data.Dataset.zip(data, numbers).map(_mirrored)
    return data.batch(BATCH, drop_remainder=seed is not None).map(_together).prefetch(2)


def prediction_errors(memory: device.ObjectMemory, clips: dict) -> dict[int, dict[str, float]]:
    """Return for some frames ahead how well boxes are predicted, with and without the memory.

    Args:
        memory: As it runs on the device.
        clips: Tracks, see `edgedet.training.track_clips`.

    Returns:
        Frames -> `iou` and `nll` of the memory, `filter_iou` and `filter_nll` of the filters
        alone, and `count`. Likelihoods are of the four coordinates together, in sizes.
    """
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in clips.items()}
    terms = _corrections(memory, flat)
    errors = {}
    for place, frames in enumerate(HORIZONS):
        known = flat["known"][:, :, place]
        change = np.einsum("mtjc,j->mtc", terms, device.horizon(np.array(frames)))[known]
        off, variance = (flat[name][:, :, place][known] for name in ("error", "variance"))
        most = device.LARGEST_CHANGE
        widening = np.exp(np.clip(change[:, 4:], -most, most))
        aspect = flat["surprise"][..., ASPECT][known]
        errors[frames] = {
            "iou": _iou(change[:, :4], off, aspect),
            "filter_iou": _iou(np.zeros_like(off), off, aspect),
            "nll": _nll(off - change[:, :4], variance * widening),
            "filter_nll": _nll(off, variance),
            "count": int(known.sum()),
        }
    return errors


def _corrections(memory, tracks):
    """Return the terms of M corrections after each of T frames, `[M, T, TERMS, 8]`."""
    recalled, terms = memory.nothing(len(tracks["seen"])), []
    for t in range(tracks["seen"].shape[1]):
        now = np.flatnonzero(tracks["seen"][:, t])
        looks = memory.embedded(tracks["patch"][now, t].astype("float32"))
        updated = memory.update(recalled[now], tracks["surprise"][now, t], looks)
        recalled = recalled.renewed(now, updated)
        terms.append(memory.corrections(recalled))
    return np.stack(terms, axis=1)


class _Best(keras.callbacks.Callback):
    """Remembers the weights with the lowest loss on what is held out."""

    def on_train_begin(self, logs=None):
        self.lowest, self.weights = float("inf"), self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.lowest:
            self.lowest, self.weights = logs["val_loss"], self.model.get_weights()


def _together(batch):
    """Return the tracks of all sequences of a batch along one axis."""
    return {name: tf.reshape(a, [-1, *a.shape[2:]]) for name, a in batch.items()}


def _mirrored(clip, number):
    """Return a sequence as it is, or left for right, by chance."""
    side = tf.cast(tf.sqrt(clip["patch"].shape[-1] / 3), tf.int32)
    patch = tf.reshape(clip["patch"], [*clip["patch"].shape[:-1], side, side, 3])
    mirrored = {
        **clip,
        "surprise": clip["surprise"] * _signs(clip["surprise"].shape[-1], SIDEWAYS),
        "error": clip["error"] * _signs(4, (0,)),
        "patch": tf.reshape(tf.reverse(patch, [-2]), clip["patch"].shape),
    }
    turned = number % 2 == 0
    return {name: tf.where(turned, mirrored[name], array) for name, array in clip.items()}


def _signs(count, negative):
    return tf.constant([-1.0 if place in negative else 1.0 for place in range(count)])


def _iou(predicted, truth, aspect):
    """Return the mean IoU of boxes whose coordinates are in sizes of one with this ln(w / h)."""
    sides = np.stack([aspect, -aspect], axis=1) / 2
    boxes = [
        box_geometry.cxcywh_to_xyxy(np.hstack([code[:, :2], np.exp(sides + code[:, 2:])]))
        for code in (predicted, truth)
    ]
    return float(box_geometry.iou(*boxes).mean())


def _nll(error, variance):
    """Return the mean Gaussian negative log-likelihood of four coordinates together."""
    likelihood = 0.5 * (error**2 / variance + np.log(2 * np.pi * variance))
    return float(likelihood.sum(axis=1).mean())
