"""The worst images on one sheet, or the best: what was found, missed, a false alarm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgedet import files, images
from edgedet.evaluation.mistakes import FALSE_ALARM, FOUND, MISSED, NOT_COUNTED, best, worst
from edgedet.evaluation.results import Results

# Kind of box -> colour; the legend shows them in this order.
COLOURS = {
    FOUND: "#2ECC71",
    MISSED: "#FFC400",
    FALSE_ALARM: "#FF3B30",
    NOT_COUNTED: "#8FA3D0",
}
COLUMNS, WIDTH, HEIGHT, CAPTION, GAP, LEGEND = 3, 480, 340, 36, 10, 30
# Sides, in pixels of the sheet, below which a thick outline would hide what it frames.
TINY = 12
BACKGROUND, INK, FAINT = "#181818", "#F2F2F2", "#A8A8A8"


def write_contact_sheet(
    path: Path, results: Results, min_score: float, count: int = 12, choose=worst
) -> None:
    """Write some images, with what is there and what was found, as a PNG.

    Args:
        path: The PNG.
        results: The detections of all images.
        min_score: Detections below it are not shown.
        count: At most so many.
        choose: `worst` or `best`.

    Raises:
        OutputError: The file cannot be written.
    """
    tiles = [_tile(results, mistakes) for mistakes in choose(results, min_score, count)]
    rows = max(1, -(-len(tiles) // COLUMNS))
    columns = min(COLUMNS, max(len(tiles), 2))
    size = columns * (WIDTH + GAP) + GAP, LEGEND + rows * (HEIGHT + CAPTION + GAP) + GAP
    sheet = Image.new("RGB", size, BACKGROUND)
    _write_legend(sheet, min_score, "" if tiles else EMPTY[choose])
    for place, tile in enumerate(tiles):
        row, column = divmod(place, COLUMNS)
        sheet.paste(tile, (GAP + column * (WIDTH + GAP), LEGEND + row * (HEIGHT + CAPTION + GAP)))
    files.write_bytes(path, images.encode_png(np.asarray(sheet)))


# What a sheet without an image means.
EMPTY = {worst: "No image has a mistake.", best: "Nothing is found in any image."}


def _tile(results, mistakes):
    record = results.records[mistakes.index]
    pixels = Image.fromarray(results.picture(record))
    scale = min(WIDTH / pixels.width, HEIGHT / pixels.height)
    size = tuple(max(1, round(side * scale)) for side in pixels.size)
    picture = pixels.resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    # Mistakes last, so they lie on top.
    for kind in (NOT_COUNTED, FOUND, MISSED, FALSE_ALARM):
        for box in mistakes.boxes[kind] * scale:
            _outline(draw, box, COLOURS[kind], size)
    tile = Image.new("RGB", (WIDTH, HEIGHT + CAPTION), BACKGROUND)
    tile.paste(picture, ((WIDTH - size[0]) // 2, HEIGHT - size[1]))
    _write_caption(ImageDraw.Draw(tile), record.image.stem, mistakes)
    return tile


def _outline(draw, box, colour, size):
    x1, y1, x2, y2 = np.clip(box, 0, np.array([*size, *size]) - 1)
    width = 2 if min(x2 - x1, y2 - y1) > TINY else 1
    # Heat maps have every colour: what lies on them needs an edge, around what it frames.
    around = x1 - 1, y1 - 1, max(x1, x2) + 1, max(y1, y2) + 1
    draw.rectangle(around, outline=BACKGROUND, width=1)
    draw.rectangle((x1, y1, max(x1, x2), max(y1, y2)), outline=colour, width=width)


def _write_caption(draw, name, mistakes):
    draw.text((2, HEIGHT + 3), _fitting(draw, name), fill=FAINT, font=_font(11))
    text = f"{mistakes.missed} missed, {mistakes.false_alarms} false"
    text += f", {mistakes.found} found"
    draw.text((2, HEIGHT + 18), text, fill=INK, font=_font(13))


def _fitting(draw, name):
    """Return as much of the end of `name` as fits the tile; ends tell files apart."""
    while draw.textlength(name, font=_font(11)) > WIDTH - 8:
        name = "..." + name[4:]
    return name


def _write_legend(sheet, min_score, message):
    draw = ImageDraw.Draw(sheet)
    x = GAP
    for kind, colour in COLOURS.items():
        draw.rectangle((x, 9, x + 12, 21), outline=colour, width=3)
        draw.text((x + 18, 8), kind, fill=INK, font=_font(12))
        x += 34 + draw.textlength(kind, font=_font(12))
    note = f"detections from score {min_score:g}, right from overlap .5"
    draw.text((x, 8), note, fill=FAINT, font=_font(12))
    draw.text((GAP, LEGEND + GAP), message, fill=INK, font=_font(14))


def _font(size):
    return ImageFont.load_default(size)
