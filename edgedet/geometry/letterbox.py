"""How an image fits the network input: scaled as a whole, centred, the rest padded."""

from __future__ import annotations

import dataclasses

import numpy as np

# Grey of the border, of 255: neither bright nor dark, so it is no object.
PADDING = 114


@dataclasses.dataclass(frozen=True)
class Letterbox:
    """The affine map from an image to the network input, and back.

    A scaled image has whole pixels, so the two axes may be scaled a little differently;
    `scale` is what was really done, which makes `to_source` the exact inverse of `to_input`.

    Attributes:
        scaled_size: (height, width) of the scaled image inside the input.
        offset: (top, left) pixels of padding before it.
        scale: (y, x) input pixels per source pixel.
    """

    scaled_size: tuple[int, int]
    offset: tuple[int, int]
    scale: tuple[float, float]

    @classmethod
    def fit(cls, source_size, input_size) -> Letterbox:
        """Return the map that fits `source_size` (height, width) into `input_size`."""
        ratio = min(target / source for target, source in zip(input_size, source_size, strict=True))
        scaled = tuple(
            min(max(1, round(source * ratio)), target)
            for target, source in zip(input_size, source_size, strict=True)
        )
        offset = tuple(
            (target - side) // 2 for target, side in zip(input_size, scaled, strict=True)
        )
        scale = tuple(side / source for side, source in zip(scaled, source_size, strict=True))
        return cls(scaled, offset, scale)

    def to_input(self, boxes: np.ndarray) -> np.ndarray:
        """Return source boxes, `[..., 4]` xyxy, in pixels of the network input."""
        return boxes * self._scale_xyxy() + self._offset_xyxy()

    def to_source(self, boxes: np.ndarray) -> np.ndarray:
        """Return network boxes, `[..., 4]` xyxy, in pixels of the source image."""
        return (boxes - self._offset_xyxy()) / self._scale_xyxy()

    def sides_to_source(self, sides: np.ndarray) -> np.ndarray:
        """Return lengths along (x, y, x, y), `[..., 4]`, in pixels of the source image."""
        return sides / self._scale_xyxy()

    def _scale_xyxy(self):
        return np.array([self.scale[1], self.scale[0]] * 2, "float32")

    def _offset_xyxy(self):
        return np.array([self.offset[1], self.offset[0]] * 2, "float32")
