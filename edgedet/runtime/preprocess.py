"""From a frame to the network input: scaled as a whole, centred on grey.

A thermal frame is normalized first, at its own resolution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from edgedet import images
from edgedet.errors import ImageError
from edgedet.geometry.letterbox import PADDING, Letterbox
from edgedet.thermal import Normalization, as_counts, normalize


def preprocess(
    frame: np.ndarray,
    input_size: tuple[int, int],
    bands: int = 3,
    thermal: Normalization | None = None,
):
    """Return the network input of one frame, and the map between the two.

    Args:
        frame: uint8 `[H, W, 3]`; grey `[H, W]` and RGBA `[H, W, 4]` are converted. With
            `thermal`, counts of any type.
        input_size: (height, width) of the network input.
        bands: Channels of the network input: 3 for colour, 1 for grey.
        thermal: How counts become grey levels; `None` for ordinary images.

    Returns:
        uint8 `[1, h, w, bands]` and the `Letterbox` that was applied.

    Raises:
        ImageError: The frame is empty, or its type or shape is another.
    """
    if thermal is None:
        frame = as_bands(frame, bands)
    else:
        frame = normalize(as_counts(frame, bands), thermal)
    letterbox = Letterbox.fit(frame.shape[:2], input_size)
    top, left = letterbox.offset
    height, width = letterbox.scaled_size
    batch = np.full((1, *input_size, bands), PADDING, "uint8")
    scaled = images.resample(frame, letterbox.scaled_size)
    batch[0, top : top + height, left : left + width] = scaled
    return batch, letterbox


def read_frame(path: Path, thermal: Normalization | None = None) -> np.ndarray:
    """Return an image file as the frame that `preprocess` takes with the same `thermal`.

    Returns:
        uint8 `[H, W, 3]`; with `thermal` the counts of the file, see `images.read_counts`.

    Raises:
        ImageError: The file is missing, truncated or no image.
    """
    return images.read(path)[0] if thermal is None else images.read_counts(path)


def as_bands(frame: np.ndarray, bands: int) -> np.ndarray:
    """Return a frame with as many channels as the network sees, uint8 `[H, W, bands]`.

    Raises:
        ImageError: The frame is empty, or its type or shape is another.
    """
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
        found = getattr(frame, "dtype", type(frame).__name__)
        raise ImageError(
            f"Expected a frame of dtype uint8 (0-255), found {found}.\n"
            "Convert it first; for floats in 0-1: (frame * 255).round().astype('uint8')."
        )
    if frame.size == 0 or frame.ndim not in (2, 3):
        raise _wrong_shape(frame, bands)
    if frame.ndim == 2:
        frame = frame[..., None]
    if frame.shape[-1] == bands:
        return frame
    if bands not in (1, 3) or frame.shape[-1] not in (1, 3, 4):
        raise _wrong_shape(frame, bands)
    rgb = images.to_rgb(Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame))
    return rgb if bands == 3 else np.asarray(Image.fromarray(rgb).convert("L"))[..., None]


def _wrong_shape(frame, bands):
    return ImageError(
        f"Expected a frame of shape [height, width, {bands}] with pixels in it, "
        f"found {list(frame.shape)}.\nA grey or RGBA frame is converted where the model sees "
        "colour or grey."
    )
