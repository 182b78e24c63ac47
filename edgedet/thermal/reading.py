"""Reading: a thermal image file becomes the pixels that a network learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgedet import images
from edgedet.errors import ImageError
from edgedet.thermal.intensity import as_counts
from edgedet.thermal.normalization import Normalization, normalize


def read(path: Path, bands: int, settings: Normalization) -> np.ndarray:
    """Return an image file as grey levels, uint8 `[H, W, bands]`, upright.

    The device does the same with the frames of its camera, in the same order: bands, then
    normalization, at the resolution of the sensor; only then anything is scaled.

    Args:
        path: Any file that `images.read_counts` takes.
        bands: How many the network sees.
        settings: How counts become levels.

    Raises:
        ImageError: The file is missing or damaged, or has another number of bands.
    """
    counts = images.read_counts(path)
    try:
        return normalize(as_counts(counts, bands), settings)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
