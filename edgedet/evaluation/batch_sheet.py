"""A batch as the network sees it: its images with their objects and the points that answer.

Most mistakes of detection are seen, not computed.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgedet.runtime.drawing.ink import colour

# Pixels are drawn so large that a sample has about this side on the sheet.
TILE = 384
# About as wide as a screen.
WIDTH = 1700
GAP, CAPTION, LEGEND = 8, 16, 24
BACKGROUND, INK, FAINT, REGION = "#181818", "#F2F2F2", "#A8A8A8", "#B8B8B8"
# Of the levels, finest first; they stay apart for colour-blind readers too (Okabe and Ito 2008).
LEVELS = ("#F0E442", "#56B4E9", "#D55E00", "#CC79A7", "#009E73")
DASH = 5


@dataclasses.dataclass(frozen=True)
class Labelled:
    """What a network is shown and told, NumPy arrays.

    Attributes:
        batch: See `edgedet.data.pipeline.batches`.
        points: `[P, 2]`, (x, y) in input pixels, of all levels.
        strides: `[P]`, the stride of each point's level.
        labels: int `[B, P]`, the class that a point answers for, or -1.
        class_names: Name of each label.
    """

    batch: dict
    points: np.ndarray
    strides: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]


def batch_sheet(labelled: Labelled) -> np.ndarray:
    """Return a picture of a batch, uint8 `[H, W, 3]`.

    Objects are framed in the colour of their class, ignored ones in dashed grey; positive points
    have the colour of their level.
    """
    tiles = [_tile(labelled, index) for index in range(len(labelled.batch["images"]))]
    width, height = tiles[0].size
    columns = max(1, min(len(tiles), WIDTH // (width + GAP)))
    rows = -(-len(tiles) // columns)
    size = columns * (width + GAP) + GAP, LEGEND + rows * (height + GAP)
    sheet = Image.new("RGB", size, BACKGROUND)
    _write_legend(ImageDraw.Draw(sheet), np.unique(labelled.strides))
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        sheet.paste(tile, (GAP + column * (width + GAP), LEGEND + row * (height + GAP)))
    return np.asarray(sheet)


def _tile(labelled, index):
    image = labelled.batch["images"][index]
    zoom = max(1, TILE // max(image.shape[:2]))
    shown = Image.fromarray(as_shown(image)).resize(
        (zoom * image.shape[1], zoom * image.shape[0]), Image.Resampling.NEAREST
    )
    pencil = ImageDraw.Draw(shown)
    _draw_objects(pencil, labelled, index, zoom)
    _draw_points(pencil, labelled, index, zoom)
    tile = Image.new("RGB", (shown.width, shown.height + CAPTION), BACKGROUND)
    tile.paste(shown, (0, CAPTION))
    ImageDraw.Draw(tile).text((2, 1), _caption(labelled, index), fill=FAINT, font=_font(11))
    return tile


def as_shown(image: np.ndarray) -> np.ndarray:
    """Return an image of 0..1 and any bands as uint8 `[H, W, 3]`: colours, or the first band."""
    bands = image if image.shape[-1] == 3 else np.repeat(image[..., :1], 3, axis=-1)
    return (bands * 255).round().astype("uint8")


def _draw_objects(pencil, labelled, index, zoom):
    batch = labelled.batch
    there = batch["labels"][index] >= 0
    boxes = batch["boxes"][index][there] * zoom
    labels, ignored = batch["labels"][index][there], batch["ignored"][index][there]
    # Regions first, so that nothing of an object is hidden by one.
    for place in np.argsort(~ignored, kind="stable"):
        if ignored[place]:
            _dashed(pencil, boxes[place])
        else:
            ink, name = colour(int(labels[place])), labelled.class_names[labels[place]]
            pencil.rectangle(boxes[place].tolist(), outline=ink, width=1)
            if len(labelled.class_names) > 1:
                x, y = boxes[place][:2]
                # Above its box, where it hides nothing of the object, if there is room.
                pencil.text((x, y - 13 if y >= 13 else y), name, fill=ink, font=_font(11))


def _dashed(pencil, box):
    x1, y1, x2, y2 = box
    for start in np.arange(x1, x2, 2 * DASH):
        for y in (y1, y2):
            pencil.line((start, y, min(start + DASH, x2), y), fill=REGION)
    for start in np.arange(y1, y2, 2 * DASH):
        for x in (x1, x2):
            pencil.line((x, start, x, min(start + DASH, y2)), fill=REGION)


def _draw_points(pencil, labelled, index, zoom):
    levels = np.unique(labelled.strides)
    for point in np.flatnonzero(labelled.labels[index] >= 0):
        level = int(np.searchsorted(levels, labelled.strides[point]))
        centre = labelled.points[point] * zoom
        ink = LEVELS[level % len(LEVELS)]
        # Coarser levels have larger points, so that those of finer ones on top stay visible.
        pencil.circle(centre.tolist(), 1.5 + level, fill=ink, outline="black")


def _caption(labelled, index):
    batch = labelled.batch
    there = batch["labels"][index] >= 0
    ignored = int((batch["ignored"][index] & there).sum())
    text = f"objects: {int(there.sum()) - ignored}, ignored: {ignored}, "
    text += f"positive points: {int((labelled.labels[index] >= 0).sum())}"
    names, known = labelled.class_names, batch["known"][index]
    if known.all():
        return text
    return f"{text}; not asked: {', '.join(n for n, k in zip(names, known, strict=True) if not k)}"


def _write_legend(pencil, strides):
    x = GAP
    for level, stride in enumerate(strides):
        pencil.circle((x + 6, 12), 5, fill=LEVELS[level % len(LEVELS)])
        text = f"points of stride {stride:g}"
        pencil.text((x + 16, 5), text, fill=INK, font=_font(12))
        x += 30 + pencil.textlength(text, font=_font(12))
    _dashed(pencil, np.array([x, 6, x + 24, 18]))
    pencil.text((x + 30, 5), "ignored", fill=INK, font=_font(12))


def _font(size):
    return ImageFont.load_default(size)
