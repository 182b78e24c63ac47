"""Predictor: of each patch of the next frame, what it should be like and how sure that is.

The same as `edgedet.models.predictor`, which learns, in NumPy. Arrays are `[k, P]` in here, of P
patches: NumPy is quick along a long last axis, and of each patch there are few numbers.
"""

from __future__ import annotations

import numpy as np

from edgedet.parts import Weights
from edgedet.runtime.sparse.around import Around

# Side of a patch in samples.
PATCH = 4
# Limits of the logarithm of the variance that is predicted.
LOWEST, HIGHEST = -12.0, 2.0
# Side of what is near a patch, in patches: their surprise counts too.
NEAR = 3


class Predictor:
    """What is expected of each patch, and how surely; remembers one stream.

    Of every frame, `observe` and then `look_ahead`.

    Args:
        weights: See `edgedet.models.predictor`.

    Attributes:
        macs: Multiplications for each patch and frame.
    """

    def __init__(self, weights: Weights):
        self.macs = _macs(weights)
        self._embedding = weights["embedding"].T
        self._gain, self._floor = weights["gain"][:, None], weights["floor"][:, None]
        importance = [weights[name] for name in ("of_error", "of_change", "of_settled")]
        self._importance = np.concatenate(importance)
        channels = len(self._embedding)
        self._even = np.full((1, channels), 1 / channels, "float32")
        # Of two energies and of surprise, each for a product of its own: [3, 1, 9].
        energy = weights["energy"].reshape(NEAR**2, -1).T
        self._near = np.concatenate([energy, weights["near"][None]])[:, None]
        self._of_inputs = _with_bias(weights, "input")
        # What follows from memory, for itself and for the next frame, is one product.
        both = [_with_bias(weights, name) for name in ("recurrent", "forecast")]
        self._of_memory = np.concatenate(both)

    def begin(self, shape: tuple[int, int]) -> None:
        """Forget all; `shape` is the number of (rows, columns) of patches."""
        patches, channels = shape[0] * shape[1], len(self._embedding)
        self._around = Around(len(self._near), shape, NEAR)
        self._settled = np.zeros((channels, patches), "float32")
        # For the biases; the last row of memory stays it, too.
        self._one = np.ones((1, patches), "float32")
        self._memory = np.ones((self._of_memory.shape[1], patches), "float32")
        self._memory[:-1] = 0
        self.look_ahead(None)

    def observe(self, changes: np.ndarray) -> np.ndarray:
        """Return the surprise of each patch, `[rows, columns]`.

        Args:
            changes: `[rows, columns, 16]`, contrast to what the network last saw.
        """
        seen = self._embedding @ changes.reshape(-1, PATCH * PATCH).T
        self._settled += self._gain * (seen - self._settled)
        views = np.concatenate([seen - self._mean, seen, self._settled]).reshape(3, *seen.shape)
        views *= self._precision
        near = self._near @ self._around(self._energies_and_surprise(views))
        softsigns = _softsign(views[:2]).reshape(-1, near.shape[-1])
        self._remember(np.concatenate([softsigns, near[:2, 0], self._one]))
        return near[2].reshape(changes.shape[:2])

    def look_ahead(self, computed: np.ndarray | None) -> None:
        """Predict the next frame, after it is known which patches are computed.

        Args:
            computed: bool `[rows, columns]`; `None` is none.
        """
        channels = len(self._settled)
        if computed is not None:
            self._settled[:, computed.ravel()] = 0
        recalled = self._of_memory @ self._memory
        self._recurrent = recalled[: -2 * channels]
        self._mean = self._settled + recalled[-2 * channels : -channels]
        log_variance = recalled[-channels:].clip(LOWEST, HIGHEST)
        self._precision = 1 / np.sqrt(np.exp(log_variance) + self._floor)

    def _energies_and_surprise(self, views):
        """Return the energies of error and change, and the surprise, of each patch, `[3, P]`."""
        squares = views * views
        # log1p takes twice as long, and would be no more exact than the squares.
        energies = np.log(1 + self._even @ squares[:2])
        surprise = self._importance @ squares.reshape(len(self._importance), -1)
        return np.concatenate([energies[:, 0], surprise[None]])

    def _remember(self, inputs):
        """Take one step of a gated recurrent unit, reset after the product, as Keras has it."""
        new, old, memory = self._of_inputs @ inputs, self._recurrent, self._memory[:-1]
        units = len(memory)
        gates = _sigmoid(new[: 2 * units] + old[: 2 * units])
        update, reset = gates[:units], gates[units:]
        candidate = np.tanh(new[2 * units :] + reset * old[2 * units :])
        self._memory[:-1] = candidate + update * (memory - candidate)


def _with_bias(weights, name):
    """Return a kernel with its bias as the last column, `[outputs, inputs + 1]`."""
    return np.concatenate([weights[f"{name}_kernel"], weights[f"{name}_bias"][None]]).T


def _macs(weights):
    """Return the multiplications for each patch and frame."""
    matrices = ("embedding", "input_kernel", "recurrent_kernel", "forecast_kernel")
    # The matrices; three views, three squares and their five sums of each channel, and what is
    # settled of it; the patches around.
    channels = weights["embedding"].shape[1]
    near = weights["energy"].size + weights["near"].size
    return sum(weights[name].size for name in matrices) + 12 * channels + near


def _softsign(values):
    return values / (1 + np.abs(values))


def _sigmoid(values):
    return 0.5 * np.tanh(0.5 * values) + 0.5
