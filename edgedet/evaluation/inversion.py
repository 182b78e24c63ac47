"""Inversion: how a detector does where dark and bright are exchanged, as some sensors have it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from edgedet.evaluation.results import unchanged
from edgedet.runtime import EdgeDetector


def seeing_inverted(
    detect: EdgeDetector,
) -> tuple[EdgeDetector, Callable[[np.ndarray], np.ndarray]]:
    """Return the detector that sees frames inverted, and what must be done to each frame before.

    Ordinary images are inverted before all else. The counts of thermal frames have no fixed end
    to be turned at, but the grey levels that the detector makes of them have.
    """
    thermal = detect.manifest.thermal
    if thermal is None:
        return detect, inverted
    manifest = dataclasses.replace(detect.manifest, thermal=thermal.inverted())
    return EdgeDetector(detect.engine, manifest), unchanged


def inverted(image: np.ndarray) -> np.ndarray:
    """Return a uint8 image with dark and bright exchanged: white-hot becomes black-hot."""
    return 255 - image
