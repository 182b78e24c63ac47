"""The limits of a frame: between which counts most of it lies, whatever a few pixels say.

Both follow an offset and a gain of the counts exactly, so a sensor's own units do not matter.
"""

from __future__ import annotations

import math

import numpy as np

# Share of the frame below the low limit, and above the high one.
TAIL = 0.01
# Pixels that are looked at, spread over the frame.
SAMPLES = 16_384
# Limits are at least so many times the noise apart, so that a shutter or a fogged lens, a frame
# of noise alone, stays grey. Real scenes have 50 times and more.
MIN_NOISES = 32
# And so many steps of the converter, where most of what is seen are its steps.
MIN_STEPS = 16
# Share of neighbours that differ by one step, from which on steps are what is seen.
STEPPING = 0.03
# Share of the differences between neighbours that noise alone explains; the rest is edges.
SMOOTH = 0.75


def stretch(band: np.ndarray) -> tuple[float, float]:
    """Return the low and the high limit of a band, `[H, W]` of finite counts; low < high.

    Args:
        band: One band of a frame. A pixel or a line that is out of line with what is on either
            side of it is not heard.
    """
    spacing = max(1, math.isqrt(band.size // SAMPLES))
    low, high = _tails(_smoothed(band, spacing))
    middle, span = 0.5 * (low + high), high - low
    # The last term only keeps an empty frame apart from the rounding of its floats.
    span = max(span, _least_span(band, spacing), 1e-4 * max(1.0, abs(middle)))
    return middle - 0.5 * span, middle + 0.5 * span


def _tails(sample):
    """Return the counts at both tails, low and high.

    Each is the mean of those around it, so that one pixel more or less moves it little.
    """
    ordered = np.sort(sample, axis=None)
    tail = max(1, round(TAIL * ordered.size))
    near = slice(tail // 2, 2 * tail)
    return float(ordered[near].mean()), float(ordered[::-1][near].mean())


def _smoothed(band, spacing):
    """Return every `spacing`th pixel, the middle one of those around it, float64."""
    if min(band.shape) < 3:
        return band.astype("float64")
    # First down each column, then across: neither a row nor a column of its own survives.
    columns = [
        _middle_of_three(
            *(_every(band, row, column, spacing) for row in range(3)),
        )
        for column in range(3)
    ]
    return _middle_of_three(*columns)


def _every(band, row, column, spacing):
    height, width = band.shape
    part = band[row : height - 2 + row : spacing, column : width - 2 + column : spacing]
    return part.astype("float64")


def _middle_of_three(first, second, third):
    return np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), third))


def _least_span(band, spacing):
    """Return how far apart the limits must be for noise not to fill the frame."""
    left = band[::spacing, :-1:spacing].astype("float64")
    right = band[::spacing, 1::spacing].astype("float64")
    differences = np.sort(np.abs(right - left), axis=None)
    if not differences.size:
        return 0.0
    noise = differences[: math.ceil(SMOOTH * differences.size)].mean()
    return max(MIN_NOISES * float(noise), MIN_STEPS * _step(differences))


def _step(differences):
    """Return the smallest difference, of ordered ones, if it is common, else 0."""
    places = np.searchsorted(differences, 0.0, side="right")
    if places == differences.size:
        return 0.0
    step = differences[places]
    count = np.searchsorted(differences, step, side="right") - places
    return float(step) if count >= STEPPING * differences.size else 0.0
