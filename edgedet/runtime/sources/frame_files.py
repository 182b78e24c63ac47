"""Frame files: image files and raw frames of sensors become what a model takes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from edgedet import images, npy
from edgedet.errors import ImageError
from edgedet.runtime.preprocess import read_frame
from edgedet.thermal import Normalization

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp", ".ppm", ".pgm")
RAW = ".raw"


@dataclasses.dataclass(frozen=True)
class FrameFiles:
    """How the files of frames are read for a model.

    Attributes:
        thermal: How the model sees thermal frames; `None` for a model of ordinary images.
        bands: Numbers per pixel of raw frames.
        raw_size: (height, width) of raw frames; `None` where there are none.
    """

    thermal: Normalization | None = None
    bands: int = 1
    raw_size: tuple[int, int] | None = None

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How files of frames end."""
        return (*IMAGES, npy.SUFFIX, *([RAW] if self.raw_size else []))

    def read(self, path: Path) -> np.ndarray:
        """Return a file as a frame: uint8 `[H, W, 3]`, or counts for a thermal model.

        Raises:
            ImageError: The file is missing, damaged or of another size.
        """
        if self.raw_size and Path(path).suffix.lower() == RAW:
            return self._read_raw(path)
        return read_frame(path, self.thermal)

    def _read_raw(self, path):
        height, width = self.raw_size
        try:
            data = Path(path).read_bytes()
            # Half of what 16 bits take means 8 bits.
            bits = 8 if len(data) == height * width * self.bands else 16
            return images.from_raw(data, height, width, self.bands, bits)
        except OSError as error:
            raise ImageError(f"{path}: cannot be read ({error.strerror}).") from error
        except ImageError as error:
            raise ImageError(f"{path}: {error}") from error
