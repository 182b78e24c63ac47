"""The network input, scaled anew only where windows look.

A crop of the frame is scaled to the pixels that scaling all of it gives there: it begins where
pixels of frame and input fall together, and brings the neighbours that the filter sees. Where the
sides of a frame are no multiples of the blocks that `images.resample` averages, rounding makes some
pixels a grey level brighter or darker.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from edgedet import images
from edgedet.geometry.letterbox import Letterbox

# Pillow scales what is more than twice as high as wide in another order, and so rounds otherwise.
TALL = 1.8

# Pixels along one axis: from the first number on, before the second.
Span = tuple[int, int]


def renew(batch: np.ndarray, frame: np.ndarray, rows: Span, columns: Span) -> None:
    """Write some pixels of the network input, just as `preprocess` does with all.

    Args:
        batch: uint8 `[1, h, w, bands]`, what `preprocess` made of another frame of this size.
        frame: uint8 `[H, W, bands]`.
        rows: Which rows of the input to write; some others may be written, too.
        columns: Which columns.
    """
    parts = _parts(frame.shape[:2], batch.shape[1:3], rows, columns)
    if parts is not None:
        down, across = parts
        crop = frame[down.source, across.source]
        scaled = images.resample(crop, (_length(down.scaled), _length(across.scaled)))
        batch[0, down.written, across.written] = scaled[down.sound, across.sound]


class _Part(NamedTuple):
    """A piece of one axis: of the frame, and of the scaled image that it becomes."""

    source: slice
    scaled: slice
    # What of the scaled piece is as in the whole, and where that lies in the network input.
    sound: slice
    written: slice


@functools.lru_cache(maxsize=256)
def _parts(source, size, rows, columns):
    """Return the pieces of the height and of the width; `None` where only padding is asked for."""
    letterbox = Letterbox.fit(source, size)
    if source[0] > TALL * source[1]:
        rows, columns = (0, size[0]), (0, size[1])
    # Pixels may be averaged in blocks of so many first, and none may be cut.
    ratios = zip(source, letterbox.scaled_size, strict=True)
    block = max(1, min(side // target for side, target in ratios))
    parts = []
    for axis, span in enumerate((rows, columns)):
        offset, scaled = letterbox.offset[axis], letterbox.scaled_size[axis]
        start, stop = max(span[0] - offset, 0), min(span[1] - offset, scaled)
        if start >= stop:
            return None
        parts.append(_part((source[axis], scaled), block, (start, stop), offset))
    height, width = (_length(part.source) for part in parts)
    if height > TALL * width and columns != (0, size[1]):
        more = columns[1] - columns[0]
        wider = max(columns[0] - more, 0), min(columns[1] + more, size[1])
        return _parts(source, size, rows, wider)
    return parts


def _part(sides, block, span, offset):
    """Return the piece of an axis, (source, scaled) long, that holds a span of the scaled one."""
    source, scaled = sides
    period, step = _period(source, scaled, block)
    # So many pixels of the scaled image the filter sees beside one.
    margin = 1 + math.ceil(scaled / source)
    first, last = max(span[0] - margin, 0) // period, -(-(span[1] + margin) // period)
    start, stop = first * period, min(last * period, scaled)
    source_stop = source if stop == scaled else last * step
    # At its ends a piece has no neighbours, unless the frame ends there, too.
    sound = start + margin * (start > 0), stop - margin * (stop < scaled)
    return _Part(
        slice(first * step, source_stop),
        slice(start, stop),
        slice(sound[0] - start, sound[1] - start),
        slice(offset + sound[0], offset + sound[1]),
    )


def _period(source, scaled, block):
    """Return after how many pixels of the scaled image, and of the frame, the filter repeats."""
    common = math.gcd(source, scaled)
    period, step = scaled // common, source // common
    times = block // math.gcd(step, block)
    return times * period, times * step


def _length(span):
    return span.stop - span.start
