"""Around: what is said of patches, beside what is said of their neighbours."""

from __future__ import annotations

import numpy as np


class Around:
    """Brings values of patches together with those of the patches around; outside they are 0.

    Args:
        count: Values of a patch.
        shape: Number of (rows, columns) of patches.
        side: Of the square of patches that are brought together; odd.
    """

    def __init__(self, count: int, shape: tuple[int, int], side: int):
        border = side // 2
        padded = np.zeros((count, shape[0] + 2 * border, shape[1] + 2 * border), "float32")
        self._inside = padded[:, border : border + shape[0], border : border + shape[1]]
        # A view of all patches from each place in the square: [count, side, side, rows, columns].
        self._shifted = np.lib.stride_tricks.sliding_window_view(padded, shape, axis=(1, 2))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return values `[count, P]` of P patches as `[count, side * side, P]`."""
        self._inside[:] = values.reshape(self._inside.shape)
        return self._shifted.reshape(len(values), -1, values.shape[1])
