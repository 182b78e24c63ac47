"""Detections drawn on an image, for people to look at."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgedet.detections import MATCHED, Detections, Tracks
from edgedet.runtime.drawing.ink import colour, line_width, readable_on

# Of the image's shorter side.
FONT_SHARE = 1 / 32
# Pixels below which nobody can read the default font, and above which it only covers things.
FONT_SIZES = (10, 40)


def draw(image: np.ndarray, detections: Detections, class_names) -> np.ndarray:
    """Return a copy of `image`, uint8 `[H, W, 3]`, with every detection's box, name and score.

    `Tracks` have a colour each, and their number beside the name; what is not surely in this frame
    is darker.

    Args:
        image: uint8 `[H, W, 3]`.
        detections: In pixels of the image.
        class_names: Name of each label.
    """
    canvas = Image.fromarray(image)
    pencil = ImageDraw.Draw(canvas)
    shorter = min(image.shape[:2])
    line = line_width(image)
    font = ImageFont.load_default(float(np.clip(round(shorter * FONT_SHARE), *FONT_SIZES)))
    # The best last, so that it is on top.
    marks = [
        (detections.boxes[index].tolist(), *_caption(detections, index, class_names))
        for index in reversed(range(len(detections)))
    ]
    for box, text, ink in marks:
        _draw_caption(pencil, box, text, ink, line, font)
    # Over all captions, which in a crowd would hide small ones.
    for box, _, ink in marks:
        pencil.rectangle(box, outline=ink, width=line)
    return np.asarray(canvas)


def _caption(detections, index, class_names):
    """Return the text and the colour of one detection."""
    label = int(detections.labels[index])
    text = f"{class_names[label]} {detections.scores[index]:.2f}"
    if not isinstance(detections, Tracks):
        return text, colour(label)
    identity = int(detections.track_ids[index])
    ink = colour(identity)
    if detections.states[index] != MATCHED:
        ink = tuple(part // 2 for part in ink)
    return f"{identity} {text}", ink


def _draw_caption(pencil, box, text, ink, line, font):
    left, top, right, bottom = pencil.textbbox((0, 0), text, font=font)
    width, height = right - left + 2 * line, bottom - top + 2 * line
    x = max(0, min(box[0], pencil.im.size[0] - width))
    y = _label_top(box, height, pencil.im.size[1])
    pencil.rectangle((x, y, x + width, y + height), fill=ink)
    pencil.text((x + line - left, y + line - top), text, fill=readable_on(ink), font=font)


def _label_top(box, height, image_height):
    """Return where a label is in nobody's way: above its box, else below, else inside."""
    if box[1] >= height:
        return box[1] - height
    return box[3] if box[3] + height <= image_height else box[1]
