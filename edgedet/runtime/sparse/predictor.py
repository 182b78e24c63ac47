"""Predictor: of each patch of the next frame, what it should be like and how sure that is.

The same as `edgedet.models.predictor`, which learns, in NumPy.
"""

from __future__ import annotations

import numpy as np

from edgedet.parts import Weights

# Side of a patch in samples.
PATCH = 4
# Limits of the logarithm of the variance that is predicted.
LOWEST, HIGHEST = -12.0, 2.0
# Side of what is near a patch, in patches: their surprise counts too.
NEAR = 3


class Predictor:
    """What is expected of each patch, and how surely; remembers one stream.

    Args:
        weights: See `edgedet.models.predictor`.

    Attributes:
        macs: Multiplications for each patch and frame.
    """

    def __init__(self, weights: Weights):
        self._weights = weights
        matrices = ("embedding", "input_kernel", "recurrent_kernel", "forecast_kernel")
        channels = weights["embedding"].shape[1]
        near = NEAR * NEAR * (weights["energy"].shape[0] // NEAR**2 + 1)
        # The matrices; three views, three squares and their five sums of each channel, and what is
        # settled of it; the patches around.
        self.macs = sum(weights[name].size for name in matrices) + 12 * channels + near
        even = np.full(channels, 1 / channels, "float32")
        # What is remembered of squares, and what surprises.
        self._of_error = np.stack([even, weights["of_error"]], axis=1)
        self._of_change = np.stack([even, weights["of_change"]], axis=1)

    def begin(self, shape: tuple[int, int]) -> None:
        """Forget all; `shape` is the number of (rows, columns) of patches."""
        patches, weights = shape[0] * shape[1], self._weights
        self._around = _around(shape)
        self._settled = np.zeros((patches, weights["embedding"].shape[1]), "float32")
        self._memory = np.zeros((patches, len(weights["recurrent_kernel"])), "float32")
        self.look_ahead(None)

    def observe(self, changes: np.ndarray) -> np.ndarray:
        """Return the surprise of each patch, `[rows, columns]`.

        Args:
            changes: `[rows, columns, 16]`, contrast to what the network last saw.
        """
        weights, shape = self._weights, changes.shape[:2]
        seen = changes.reshape(-1, PATCH * PATCH) @ weights["embedding"]
        error = (seen - self._mean) * self._precision
        self._settled += weights["gain"] * (seen - self._settled)
        change, settled = seen * self._precision, self._settled * self._precision
        errors, changes = error * error @ self._of_error, change * change @ self._of_change
        energy = np.log1p(np.stack([errors[:, 0], changes[:, 0]], axis=1))
        near = self._near(energy, weights["energy"])
        self._remember(np.hstack([_softsign(error), _softsign(change), near]))
        surprise = errors[:, 1] + changes[:, 1] + settled * settled @ weights["of_settled"]
        return self._near(surprise[:, None], weights["near"]).reshape(shape)

    def look_ahead(self, computed: np.ndarray | None) -> None:
        """Predict the next frame, after it is known which patches are computed.

        Args:
            computed: bool `[rows, columns]`; `None` is none.
        """
        weights, channels = self._weights, self._settled.shape[1]
        if computed is not None:
            self._settled[computed.ravel()] = 0
        forecast = self._memory @ weights["forecast_kernel"] + weights["forecast_bias"]
        self._mean = self._settled + forecast[:, :channels]
        log_variance = np.clip(forecast[:, channels:], LOWEST, HIGHEST)
        self._precision = 1 / np.sqrt(np.exp(log_variance) + weights["floor"])

    def _near(self, values, kernel):
        """Return values `[patches, k]` with those around, each under its own kernel `[9 * k]`."""
        patches, count = values.shape
        padded = np.zeros((patches + 1, count), "float32")
        padded[:-1] = values
        near = padded.take(self._around, axis=0).transpose(0, 2, 1)
        return np.einsum("pkn,nk->pk", near, kernel.reshape(-1, count))

    def _remember(self, inputs):
        """Take one step of a gated recurrent unit, reset after the product, as Keras has it."""
        weights, units = self._weights, self._memory.shape[1]
        new = inputs @ weights["input_kernel"] + weights["input_bias"]
        old = self._memory @ weights["recurrent_kernel"] + weights["recurrent_bias"]
        gates = _sigmoid(new[:, : 2 * units] + old[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = np.tanh(new[:, 2 * units :] + reset * old[:, 2 * units :])
        self._memory = update * self._memory + (1 - update) * candidate


def _around(shape):
    """Return the places of each patch and those around, int `[patches, 9]`; outside is the last."""
    rows, columns = shape
    places = np.full((rows + 2, columns + 2), rows * columns)
    places[1:-1, 1:-1] = np.arange(rows * columns).reshape(shape)
    shifts = [(row, column) for row in range(NEAR) for column in range(NEAR)]
    near = [places[row : row + rows, column : column + columns].ravel() for row, column in shifts]
    return np.stack(near, axis=1)


def _softsign(values):
    return values / (1 + np.abs(values))


def _sigmoid(values):
    return 0.5 * np.tanh(0.5 * values) + 0.5
