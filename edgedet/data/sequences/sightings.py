"""Sightings: what a detector would make of annotated objects, so that it need not run.

It shakes their boxes, alike in neighbouring frames, scores hidden ones low, and misses them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.geometry import boxes as box_geometry

# Least and greatest standard deviation of a side, in sizes of the object, and how alike errors of
# neighbouring frames are.
JITTER, STEADINESS = (0.003, 0.1), (0.0, 0.9)
# Usual log-odds of a visible object, their spread, and what a hidden share of 1 takes of them.
CLEARNESS, SPREAD, HIDING = 1.5, 1.0, 5.0
# Log-odds of the faintest detection.
FAINTEST = -2.0
# Share of detections that err so many times as much: the box of two, or half of one.
WRONG, MUCH = 0.02, 4.0
# Spread of the logarithm of what the detector says that its errors are.
DOUBT = 0.3


@dataclasses.dataclass(frozen=True, eq=False)
class Sightings:
    """Detections of N objects in T frames.

    Attributes:
        boxes: float `[T, N, 4]` xyxy.
        log_odds: float `[T, N]` of the scores.
        std: float `[T, N]`, what the detector says of its boxes, in pixels.
        seen: bool `[T, N]`; what the others hold means nothing.
    """

    boxes: np.ndarray
    log_odds: np.ndarray
    std: np.ndarray
    seen: np.ndarray


def sight(boxes, visible, generator: np.random.Generator) -> Sightings:
    """Return what a detector sees of objects.

    Args:
        boxes: float `[T, N, 4]` xyxy, whole objects.
        visible: float `[T, N]`, the share of each that can be seen; 0 where there is none.
        generator: Where chance comes from.
    """
    length, count = visible.shape
    steadiness = generator.uniform(*STEADINESS)
    hidden = 1 - visible
    jitter = np.exp(generator.uniform(*np.log(JITTER))) * (1 + 2 * hidden)
    errors = _alike(generator.normal(size=(length, count, 4)), steadiness)
    errors = errors * np.where(generator.uniform(size=(length, count, 1)) < WRONG, MUCH, 1.0)
    moods = _alike(generator.normal(size=(length, count)), max(steadiness, 0.7))
    clearness = generator.normal(CLEARNESS, SPREAD)
    log_odds = clearness + SPREAD * moods - HIDING * hidden
    size = np.sqrt(np.maximum(box_geometry.area(np.asarray(boxes, float)), 1e-6))
    std = jitter * size
    said = std * np.exp(generator.normal(0, DOUBT, std.shape) + generator.normal(0, DOUBT))
    seen = (visible > 0) & (log_odds > FAINTEST)
    return Sightings(boxes + errors * std[..., None], log_odds, said, seen)


def _alike(errors, keep):
    """Return errors of the same spread that are alike in neighbouring frames (first axis)."""
    alike = np.empty_like(errors)
    alike[0] = errors[0]
    for number in range(1, len(errors)):
        alike[number] = keep * alike[number - 1] + np.sqrt(1 - keep**2) * errors[number]
    return alike
