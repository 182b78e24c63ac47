"""Predictor: of each patch of the next frame, what it should be like and how sure that is.

The same as `edgedet.models.predictor`, which learns, in NumPy. Arrays are `[k, patches]` in here:
NumPy is quick along the last axis, and there are many patches and few numbers of each.
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
        matrices = ("embedding", "input_kernel", "recurrent_kernel", "forecast_kernel")
        self._kernels = {name: weights[name].T for name in matrices}
        vectors = ("input_bias", "recurrent_bias", "forecast_bias", "gain", "floor")
        self._vectors = {name: weights[name][:, None] for name in vectors}
        channels = weights["embedding"].shape[1]
        # Two energies and the surprise, each with its own kernel of what is near.
        energies = weights["energy"].reshape(NEAR**2, -1).T
        self._near = np.concatenate([energies, weights["near"][None]])[:, None]
        importance = "of_error", "of_change", "of_settled"
        self._importance = np.concatenate([weights[name] for name in importance])
        # The matrices; three views, three squares and their five sums of each channel, and what is
        # settled of it; the patches around.
        sizes = sum(kernel.size for kernel in self._kernels.values())
        self.macs = sizes + 12 * channels + self._near.size

    def begin(self, shape: tuple[int, int]) -> None:
        """Forget all; `shape` is the number of (rows, columns) of patches."""
        patches, kernels = shape[0] * shape[1], self._kernels
        channels, units = len(kernels["embedding"]), kernels["recurrent_kernel"].shape[1]
        self._settled = np.zeros((channels, patches), "float32")
        self._memory = np.zeros((units, patches), "float32")
        self._neighbours = _Neighbours(len(self._near), shape)
        self._views = np.zeros((3, channels, patches), "float32")
        self._inputs = np.zeros((2 * channels + 2, patches), "float32")
        self.look_ahead(None)

    def observe(self, changes: np.ndarray) -> np.ndarray:
        """Return the surprise of each patch, `[rows, columns]`.

        Args:
            changes: `[rows, columns, 16]`, contrast to what the network last saw.
        """
        self._view(self._kernels["embedding"] @ changes.reshape(-1, PATCH * PATCH).T)
        near = self._near @ self._neighbours(self._energies())
        self._remember(near[:-1, 0])
        return near[-1].reshape(changes.shape[:2])

    def _view(self, seen):
        """Set the views of what is seen: error, change and what is settled, all in deviations."""
        views, settled = self._views, self._settled
        settled += self._vectors["gain"] * (seen - settled)
        np.subtract(seen, self._mean, out=views[0])
        views[1], views[2] = seen, settled
        views *= self._precision

    def _energies(self):
        """Return the energies of error and change and the surprise of each patch alone, `[3, P]`."""
        squares = self._views * self._views
        means = squares[:2].sum(1) / squares.shape[1]
        ...
