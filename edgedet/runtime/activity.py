"""Activity: what was computed of a frame, as a number and as a picture."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image, ImageDraw

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.letterbox import Letterbox
from edgedet.runtime.drawing import LINE_SHARE

# Of the cells that were computed, and of the meter; blended with the image.
INK = (255, 200, 0)
OPACITY = 0.3
# Of the image's height.
METER_SHARE = 1 / 30


@dataclasses.dataclass(frozen=True, eq=False)
class Activity:
    """What was computed of one frame.

    Attributes:
        compute: Multiplications, as a share of a dense frame.
        cells: bool `[rows, columns]`, the cells of the network input that were computed; `None`
            for a detector that computes whole frames only.
        input_size: (height, width) of the network input.
    """

    compute: float = 1.0
    cells: np.ndarray | None = None
    input_size: tuple[int, int] = (0, 0)

    def draw(self, image: np.ndarray) -> np.ndarray:
        """Return a copy of `image`, uint8 `[H, W, 3]`, with its active cells and a meter.

        The meter at the bottom is as long as `compute`; the whole width is a dense frame.
        """
        if self.cells is None:
            return image
        canvas = Image.fromarray(image)
        layer = canvas.copy()
        pencil = ImageDraw.Draw(layer)
        for left, top, right, bottom in self._boxes(image.shape[:2]):
            pencil.rectangle((left, top, right - 1, bottom - 1), fill=INK)
        canvas = Image.blend(canvas, layer, OPACITY)
        self._draw_meter(ImageDraw.Draw(canvas), *image.shape[:2])
        return np.asarray(canvas)

    def _boxes(self, frame_size):
        """Return each active cell in pixels of the frame, and inside it."""
        rows, columns = np.nonzero(self.cells)
        cell = np.array(
            [side / n for side, n in zip(self.input_size, self.cells.shape, strict=True)]
        )
        starts = np.stack([columns, rows], axis=1) * cell[::-1]
        boxes = np.hstack([starts, starts + cell[::-1]]).astype("float32")
        boxes = Letterbox.fit(frame_size, self.input_size).to_source(boxes)
        boxes = np.rint(box_geometry.clip(boxes, frame_size))
        return boxes[box_geometry.area(boxes) > 0].tolist()

    def _draw_meter(self, pencil, height, width):
        line = max(1, round(min(height, width) * LINE_SHARE))
        top, bottom = height - 1 - round(height * METER_SHARE), height - 1
        pencil.rectangle((0, top, min(self.compute, 1.0) * (width - 1), bottom), fill=INK)
        pencil.rectangle((0, top, width - 1, bottom), outline=INK, width=line)
