"""Pixels as the bytes of image files."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def encode_png(image: np.ndarray) -> bytes:
    """Return uint8 `[H, W, 3]` as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def encode_jpeg(image: np.ndarray, quality: int = 92) -> bytes:
    """Return uint8 `[H, W, 3]` as the bytes of a JPEG file, for people to look at.

    Args:
        image: The pixels.
        quality: 1 to 95; higher is larger and closer to the pixels.
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
