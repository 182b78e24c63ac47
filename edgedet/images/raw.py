"""Bytes without a header: pixels row by row, as cameras and sensors hand them over."""

from __future__ import annotations

import numpy as np

from edgedet.errors import ImageError


def from_bytes(data: bytes, height: int, width: int) -> np.ndarray:
    """Return raw RGB bytes, row by row, as uint8 `[height, width, 3]`.

    Raises:
        ImageError: The length is not 3 * height * width.
    """
    expected = 3 * height * width
    if len(data) != expected:
        raise ImageError(
            f"Expected {expected} bytes for {height} x {width} RGB pixels, found {len(data)}.\n"
            "Pass the height and width of the image that the bytes hold."
        )
    return np.frombuffer(data, "uint8").reshape(height, width, 3)


def from_raw(data: bytes, height: int, width: int, bands: int = 1, bits: int = 16) -> np.ndarray:
    """Return a raw little-endian frame, row by row, as counts `[height, width, bands]`.

    Args:
        data: The bytes of one frame, the bands of a pixel side by side.
        height: Rows of the frame.
        width: Columns of the frame.
        bands: Numbers per pixel.
        bits: 8 or 16 of each number.

    Raises:
        ImageError: There are more or fewer bytes.
    """
    expected = height * width * bands * bits // 8
    if len(data) != expected:
        raise ImageError(
            f"Expected {expected} bytes for {height} x {width} pixels of {bands} x {bits} bits, "
            f"found {len(data)}.\nPass the size of the frame that the bytes hold."
        )
    stored = np.frombuffer(data, {8: "u1", 16: "<u2"}[bits]).reshape(height, width, bands)
    return stored.astype({8: "uint8", 16: "uint16"}[bits], copy=False)
