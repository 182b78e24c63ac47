"""Integers and the real numbers that they mean: real = (integer - zero_point) * scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np


def input_code(details: dict) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that turns uint8 pixels, 0-255, into what an input takes.

    Args:
        details: Of the input, as an interpreter gives them (`dtype`, `quantization`).
    """
    if details["dtype"] == np.float32:
        return lambda images: images.astype("float32") / np.float32(255)
    scale, zero_point = details["quantization"]
    limits = np.iinfo(details["dtype"])
    # All 256 levels once: real = level / 255 = (integer - zero_point) * scale.
    integers = np.floor(np.arange(256) / (255 * float(scale)) + zero_point + 0.5)
    table = np.clip(integers, limits.min, limits.max).astype(details["dtype"])
    if table.dtype == np.int8 and np.array_equal(table, np.arange(-128, 128)):
        # Subtracting 128 flips the top bit, some ten times faster than looking up.
        return lambda images: (images ^ np.uint8(0x80)).view("int8")
    return lambda images: table[images]


@dataclasses.dataclass(frozen=True)
class OutputCode:
    """Where an output lies, and what its integers mean: real = (integer - zero_point) * scale."""

    index: int
    scale: float
    zero_point: int

    def real(self, tensor: np.ndarray) -> np.ndarray:
        """Return the real numbers, float32, that a tensor of integers or floats means."""
        if tensor.dtype == np.float32:
            return tensor
        return (tensor.astype("float32") - np.float32(self.zero_point)) * np.float32(self.scale)
