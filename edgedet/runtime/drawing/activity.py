"""What was computed of a frame, for people to see: its active cells and a meter."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.letterbox import Letterbox
from edgedet.runtime.activity import Activity
from edgedet.runtime.drawing.ink import line_width

# Of the cells that were computed, and of the meter; blended with the image.
INK = (255, 200, 0)
OPACITY = 0.3
# Of the image's height.
METER_SHARE = 1 / 30
# Height of the meter's words, of the image's; on smaller frames they would hide too much.
WORDS_SHARE, SMALLEST_WITH_WORDS = 1 / 24, 160


def draw_activity(image: np.ndarray, activity: Activity) -> np.ndarray:
    """Return a copy of `image`, uint8 `[H, W, 3]`, with its active cells and a meter.

    The meter at the bottom is as long as `activity.compute`, and says it where there is room; the
    whole width is a dense frame. The image of a detector that computes whole frames only is
    returned as it is.
    """
    if activity.cells is None:
        return image
    canvas = Image.fromarray(image)
    layer = canvas.copy()
    pencil = ImageDraw.Draw(layer)
    for left, top, right, bottom in _boxes(activity, image.shape[:2]):
        pencil.rectangle((left, top, right - 1, bottom - 1), fill=INK)
    canvas = Image.blend(canvas, layer, OPACITY)
    _draw_meter(ImageDraw.Draw(canvas), image, activity.compute)
    return np.asarray(canvas)


def _boxes(activity, frame_size):
    """Return each active cell in pixels of the frame, and inside it."""
    input_size, shape = activity.input_size, activity.cells.shape
    rows, columns = np.nonzero(activity.cells)
    cell = np.array([side / count for side, count in zip(input_size, shape, strict=True)])
    starts = np.stack([columns, rows], axis=1) * cell[::-1]
    boxes = np.hstack([starts, starts + cell[::-1]]).astype("float32")
    boxes = Letterbox.fit(frame_size, input_size).to_source(boxes)
    boxes = np.rint(box_geometry.clip(boxes, frame_size))
    return boxes[box_geometry.area(boxes) > 0].tolist()


def _draw_meter(pencil, image, compute):
    height, width = image.shape[:2]
    top, bottom = height - 1 - round(height * METER_SHARE), height - 1
    pencil.rectangle((0, top, min(compute, 1.0) * (width - 1), bottom), fill=INK)
    pencil.rectangle((0, top, width - 1, bottom), outline=INK, width=line_width(image))
    if height >= SMALLEST_WITH_WORDS:
        font = ImageFont.load_default(round(height * WORDS_SHARE))
        words = {"fill": INK, "font": font, "stroke_width": 2, "stroke_fill": "black"}
        pencil.text((4, top - 2), f"computed {compute:.0%}", anchor="ld", **words)
