"""Object memory: a GRU state for each track, which corrects its filter and knows its looks.

It runs in NumPy beside the network, for all tracks at once. Where a track was detected, the GRU
(Cho et al. 2014, https://arxiv.org/abs/1406.1078, in the form of `keras.layers.GRUCell`) takes what
surprised the filter, the score, and what the object looks like. Its state then says how far the
filter's prediction is off, now and for some frames ahead: an addition, so that with a state of
nothing the filter stays as it is. `edgedet.models.memory` is the same in Keras, and learns.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.runtime.tracking.kalman import Motion, Observation, size
from edgedet.runtime.tracking.patch import patches
from edgedet.runtime.tracking.recollection import Recollection

# Numbers that each detection gives beside its looks; see `surprises`.
FEATURES = 13
# What they are divided by, so that they are about 1, and the most that they say.
INNOVATION, RATE, LOG_ODDS, STD, MOST = 0.1, 0.05, 4.0, 0.07, 5.0
# A correction is the sum of one that is there at once, one that comes within frames, and one that
# goes on; it goes on for so many frames.
RELAXING, LATER, FURTHEST = 0.8, 10.0, 20
TERMS = 3
# Of the running mean of looks, what is new in each.
RENEWAL = 0.2
# The variance is e to this power times that of the filter, at most or at least.
LARGEST_CHANGE = 4.0


class ObjectMemory:
    """Remembers tracks; what it remembers of each is in their `Recollection`, not in here.

    Args:
        weights: By name, as `edgedet.models.memory` gives them: `embed<n>` and `embed<n>_bias` of
            the layers that look, `gru`, `gru_bias`, `gru_state`, `gru_state_bias`, `correct`,
            `correct_bias`, `look` and `look_bias`.
    """

    def __init__(self, weights: dict[str, np.ndarray]):
        weights = {name: np.asarray(array, "float32") for name, array in weights.items()}
        self._weights = weights
        names = sorted(n for n in weights if n.startswith("embed") and not n.endswith("_bias"))
        self._layers = [(weights[name], weights[f"{name}_bias"]) for name in names]
        self.side = round((len(self._layers[0][0]) / 3) ** 0.5)
        self.size, self.embedding = weights["look"].shape

    @property
    def parameters(self) -> int:
        """Learned numbers."""
        return sum(array.size for array in self._weights.values())

    @property
    def look_macs(self) -> int:
        """Multiplications for what one detection looks like."""
        return sum(kernel.size for kernel, _ in self._layers)

    @property
    def update_macs(self) -> int:
        """Multiplications for one track that was detected."""
        return sum(self._weights[name].size for name in ("gru", "gru_state"))

    @property
    def expect_macs(self) -> int:
        """Multiplications to say once where one track is and what it looks like."""
        return sum(self._weights[name].size for name in ("correct", "look"))

    def look(self, frame: np.ndarray | None, boxes: np.ndarray) -> np.ndarray:
        """Return what detections look like, float32 `[D, e]` of length 1.

        Without a frame all look like nothing in particular.
        """
        if frame is None:
            return self.embedded(np.zeros((len(boxes), self.side**2 * 3), "float32"))
        return self.embedded(patches(frame, boxes, self.side))

    def embedded(self, features: np.ndarray) -> np.ndarray:
        """Return the embeddings, `[D, e]`, of patches `[D, side * side * 3]`."""
        for kernel, bias in self._layers[:-1]:
            features = np.maximum(features @ kernel + bias, 0)
        kernel, bias = self._layers[-1]
        return _unit(features @ kernel + bias)

    def nothing(self, count: int) -> Recollection:
        """Return what is remembered of new tracks."""
        return Recollection.nothing(count, self.size, self.embedding)

    def update(self, before: Recollection, surprise: np.ndarray, looks) -> Recollection:
        """Return what is remembered of K tracks after each was detected.

        Args:
            before: Of these tracks.
            surprise: `[K, FEATURES]`, see `surprises`.
            looks: `[K, e]`, see `look`.
        """
        weights, state = self._weights, before.state
        inputs = np.concatenate([surprise.astype("float32"), looks], axis=1)
        x = inputs @ weights["gru"] + weights["gru_bias"]
        h = state @ weights["gru_state"] + weights["gru_state_bias"]
        (xz, xr, xn), (hz, hr, hn) = np.split(x, 3, axis=1), np.split(h, 3, axis=1)
        keep, reset = _sigmoid(xz + hz), _sigmoid(xr + hr)
        state = keep * state + (1 - keep) * np.tanh(xn + reset * hn)
        is_new = ~before.appearance.any(axis=1, keepdims=True)
        mean = np.where(is_new, looks, (1 - RENEWAL) * before.appearance + RENEWAL * looks)
        return Recollection(state, mean, np.zeros(len(state), int))

    def expected(self, motion: Motion, recalled: Recollection) -> Motion:
        """Return where T tracks are, the filters' opinion corrected; only to be read."""
        terms = self.corrections(recalled)
        change = (terms * horizon(recalled.unseen)[:, :, None]).sum(axis=1)
        scale = size(motion.position)[:, None]
        shift = change[:, :4] * np.concatenate([scale, scale, *2 * [np.ones_like(scale)]], axis=1)
        widening = np.exp(np.clip(change[:, 4:], -LARGEST_CHANGE, LARGEST_CHANGE))
        return dataclasses.replace(
            motion, position=motion.position + shift, variance=motion.variance * widening
        )

    def corrections(self, recalled: Recollection) -> np.ndarray:
        """Return the terms of T corrections, float32 `[T, TERMS, 8]`; see `horizon`.

        Four shift the centre and the logarithms of the sides, in sizes; by e to the power of the
        other four their variances grow.
        """
        terms = recalled.state @ self._weights["correct"] + self._weights["correct_bias"]
        return terms.reshape(len(terms), TERMS, 8)

    def unlike(self, recalled: Recollection, looks: np.ndarray) -> np.ndarray:
        """Return how little T tracks look like D detections, `[T, D]`: 0 the same, 1 nothing.

        Args:
            recalled: Of the tracks.
            looks: `[D, e]`, see `look`.
        """
        weights = self._weights
        learned = recalled.state @ weights["look"] + weights["look_bias"]
        return 1 - np.maximum(_unit(recalled.appearance + learned) @ looks.T, 0)


class NoMemory:
    """In place of an `ObjectMemory`: remembers and changes nothing."""

    embedding = look_macs = update_macs = expect_macs = 0

    def nothing(self, count):
        return Recollection.nothing(count)

    def look(self, frame, boxes):
        return np.zeros((len(boxes), 0), "float32")

    def update(self, before, surprise, looks):
        return Recollection.nothing(len(looks))

    def expected(self, motion, recalled):
        return motion

    def unlike(self, recalled, looks):
        return 0.0


def surprises(before: Motion, after: Motion, seen: Observation, log_odds, unseen) -> np.ndarray:
    """Return what K detections tell about their tracks, float32 `[K, FEATURES]`.

    Args:
        before: The filters before they saw them.
        after: The filters after it.
        seen: The detections, as the filters see them.
        log_odds: Of their scores, `[K]`.
        unseen: Frames since each track was detected, `[K]`; 0 for one that begins.
    """
    scale = size(before.position)[:, None]
    units = np.concatenate([scale, scale, np.ones_like(scale), np.ones_like(scale)], axis=1)
    innovation = (seen.position - before.position) / units / INNOVATION
    rate = after.rate / units / RATE
    aspect = seen.position[:, 2:3] - seen.position[:, 3:]
    since = np.where(unseen > 0, np.log(np.maximum(unseen, 1)), -1.0)[:, None]
    std = np.log(np.sqrt(seen.variance) / units / STD)
    doubts = [std[:, :2].mean(axis=1, keepdims=True), std[:, 2:].mean(axis=1, keepdims=True)]
    certainty = np.asarray(log_odds)[:, None] / LOG_ODDS
    columns = [innovation, rate, aspect, certainty, since, *doubts]
    return np.clip(np.concatenate(columns, axis=1), -MOST, MOST).astype("float32")


def horizon(frames: np.ndarray) -> np.ndarray:
    """Return how much each term of a correction counts `frames` later, float32 `[T, TERMS]`."""
    frames = np.minimum(np.asarray(frames, "float32"), FURTHEST)
    terms = [np.ones_like(frames), 1 - RELAXING**frames, frames / LATER]
    return np.stack(terms, axis=-1).astype("float32")


def _unit(vectors):
    length = np.sqrt((vectors**2).sum(axis=-1, keepdims=True) + 1e-6)
    return vectors / length


def _sigmoid(values):
    return 0.5 + 0.5 * np.tanh(0.5 * values)
