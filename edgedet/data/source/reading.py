"""Reading: how an image file becomes the pixels that a network sees."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from edgedet import images, thermal
from edgedet.errors import DataError
from edgedet.manifest import Manifest


@dataclasses.dataclass(frozen=True)
class Reading:
    """One way to read image files.

    Attributes:
        bands: Channels of the pixels.
        read: Returns a file as uint8 `[H, W, bands]`, upright, as large as its header says;
            raises `ImageError` where it cannot.
        as_stored: `read` changes no grey level, so that a decoder of JPEG files may take its
            place: TensorFlow's, which is faster and needs no Python.
    """

    bands: int
    read: Callable[[Path], np.ndarray]
    as_stored: bool = False


def read_colour(path: Path) -> np.ndarray:
    """Return an image file as uint8 `[H, W, 3]`."""
    return images.read(path)[0]


def read_grey(path: Path) -> np.ndarray:
    """Return an image file as its luma, uint8 `[H, W, 1]`."""
    return np.asarray(Image.fromarray(read_colour(path)).convert("L"))[..., None]


COLOUR = Reading(3, read_colour, as_stored=True)
GREY = Reading(1, read_grey, as_stored=True)


def of_manifest(manifest: Manifest) -> Reading:
    """Return the reading of image files for a model: what its device does before it scales.

    Raises:
        DataError: The model sees ordinary images, and they have no such bands.
    """
    if manifest.thermal is None:
        return of_bands(manifest.bands)
    return Reading(
        manifest.bands, lambda path: thermal.read(path, manifest.bands, manifest.thermal)
    )


def of_bands(bands: int) -> Reading:
    """Return the reading of ordinary images for a network that sees so many bands.

    Raises:
        DataError: Ordinary images have no such bands.
    """
    readings = {reading.bands: reading for reading in (COLOUR, GREY)}
    if bands not in readings:
        raise DataError(
            f"Expected a network that sees 1 band, grey, or 3, colour, found one of {bands}.\n"
            "Give it its own `edgedet.data.source.reading.Reading`."
        )
    return readings[bands]
