"""Ink: colours that can be told apart, and lines that hide nothing."""

from __future__ import annotations

import colorsys

import numpy as np

# Of the image's shorter side: thin enough to leave small objects visible, thick enough to see.
LINE_SHARE = 1 / 250
# The golden angle, of a full turn: neighbouring labels get colours that differ most.
HUE_STEP = 0.381966
FIRST_HUE = 0.33


def colour(label: int) -> tuple[int, int, int]:
    """Return the colour of a label, bright, as (red, green, blue) of 255."""
    red, green, blue = colorsys.hsv_to_rgb((FIRST_HUE + HUE_STEP * label) % 1, 0.85, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def readable_on(ink: tuple[int, int, int]) -> str:
    """Return the name of a colour in which text can be read on `ink`, of 255."""
    red, green, blue = ink
    # Luma of BT.601: black on bright colours, white on dark ones.
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else "white"


def line_width(image: np.ndarray) -> int:
    """Return the width of a line on `image`, `[H, W, ...]`, in pixels."""
    return max(1, round(min(image.shape[:2]) * LINE_SHARE))
