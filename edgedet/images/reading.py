"""Reading image files: as pixels, as counts, or no more than their header."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgedet import npy
from edgedet.errors import ImageError
from edgedet.images.modes import counts_of, is_wide, shown, to_rgb
from edgedet.images.opening import opened
from edgedet.images.resampling import resample
from edgedet.images.upright import FIRST_SIDEWAYS, orientation_of, stored_size, upright

# A JPEG may be decoded at 1/2, 1/4 or 1/8 as long as that is still this much larger than asked.
SHRINK_MARGIN = 2


def read(path: Path, size: tuple[int, int] | None = None):
    """Return an image file as colour pixels, upright.

    Args:
        path: JPEG, PNG, BMP, TIFF or GIF (its first frame), 8 or 16 bits, any colour mode; or
            `.npy` with one or three bands, or more, of which the first is shown. A `FilePart`
            will do, here as in the other functions.
        size: (height, width) to squeeze the image into, or `None` for its own size.

    Returns:
        uint8 `[H, W, 3]` and the original (height, width), after EXIF rotation.

    Raises:
        ImageError: The file is missing, truncated or no image.
    """
    if npy.is_npy(path):
        image = shown(npy.read(path))
        original = image.shape[:2]
    else:
        with opened(path) as file:
            image, original = _decode(file, size)
    return (image if size is None else resample(image, size)), original


def read_counts(path: Path) -> np.ndarray:
    """Return the pixels of an image file as they are stored, upright.

    Args:
        path: PNG or TIFF of 8 or 16 bits or floats, any other image file, or `.npy` with an
            array `[H, W]` or `[H, W, bands]` of integers or floats.

    Returns:
        `[H, W]` of uint8, uint16, int32 or float32 for grey, as the file holds it; uint8
        `[H, W, 3]` for anything in colour; of several pages the first; whatever a `.npy` holds.

    Raises:
        ImageError: The file is missing, truncated or no image, or a PNG or TIFF of 16-bit colour.
    """
    if npy.is_npy(path):
        return npy.read(path)
    with opened(path) as file:
        if not _is_cut(file):
            return _stored(file)
    raise ImageError(
        f"{path}: expected 16 bits of grey alone, found them with colour or transparency, where "
        "only the upper 8 can be read.\n"
        "Write grey without transparency, or all bands as an array with numpy.save."
    )


def read_header(path: Path) -> tuple[tuple[int, int], bool]:
    """Return what the header of an image file says, without decoding it.

    Returns:
        The (height, width) of the upright image, and whether it is plain: an upright JPEG of
        8-bit grey or colour, which any decoder reads alike.

    Raises:
        ImageError: The file is missing or no image.
    """
    if npy.is_npy(path):
        return npy.read_size(path), False
    with opened(path) as file:
        orientation = orientation_of(file)
        plain = file.format == "JPEG" and file.mode in ("RGB", "L") and orientation == 1
        width, height = stored_size(file)
        return ((width, height) if orientation >= FIRST_SIDEWAYS else (height, width)), plain


def _is_cut(file):
    """Return whether Pillow would drop the lower bytes of an open file."""
    # Pillow has no mode for these, only a name for how they are stored, such as "RGB;16B".
    kinds = [str(tile[3]) for tile in file.tile] if file.format in ("PNG", "TIFF") else []
    return not is_wide(file) and any(";16" in kind for kind in kinds)


def _stored(file):
    image = upright(file)
    if image.mode == "L":
        return np.asarray(image)
    return counts_of(image) if is_wide(image) else to_rgb(image)


def _decode(file, size):
    width, height = file.size
    sideways = orientation_of(file) >= FIRST_SIDEWAYS
    if size is not None:
        # A scaled inverse DCT is several times faster than a whole one.
        wanted = tuple(SHRINK_MARGIN * side for side in size)
        # `draft` speaks of (width, height) as stored, before any turning.
        file.draft("RGB", wanted if sideways else wanted[::-1])
    shrunk = file.size != (width, height)
    image = upright(file)
    # Older versions of Pillow hold the 16 bits of a PNG in 32.
    narrow = file.format == "PNG" and image.mode == "I"
    pixels = to_rgb(image.convert("I;16") if narrow else image)
    if not shrunk:
        return pixels, pixels.shape[:2]
    return pixels, (width, height) if sideways else (height, width)
