"""Images as arrays: read from a file or from bytes, resampled with one filter everywhere.

Training and the device read and resample with these functions, so both see the same pixels.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from edgedet.errors import ImageError

# Averages over the pixels that fall together, which keeps small objects visible when shrinking.
FILTER = Image.Resampling.BILINEAR
# A JPEG may be decoded at 1/2, 1/4 or 1/8 as long as that is still this much larger than asked.
SHRINK_MARGIN = 2


def read(path: Path, size: tuple[int, int] | None = None):
    """Return an image file as colour pixels, upright.

    Args:
        path: JPEG, PNG, BMP, TIFF or GIF (its first frame), 8 or 16 bits, any colour mode.
        size: (height, width) to squeeze the image into, or `None` for its own size.

    Returns:
        uint8 `[H, W, 3]` and the original (height, width), after EXIF rotation.

    Raises:
        ImageError: The file is missing, truncated or no image.
    """
    image, original = read_at_least(path, size)
    if size is not None:
        image = resample(image, size)
    return image, original


def read_at_least(path: Path, size: tuple[int, int] | None = None):
    """Return an image that may be smaller than the file's, but well larger than `size`.

    A JPEG is decoded at a fraction of its size where `size` allows (a scaled inverse DCT),
    which is several times faster.

    Returns:
        uint8 `[H, W, 3]` and the original (height, width), after EXIF rotation.
    """
    try:
        with Image.open(path) as file:
            width, height = file.size
            if size is not None:
                file.draft("RGB", (SHRINK_MARGIN * size[1], SHRINK_MARGIN * size[0]))
            upright = ImageOps.exif_transpose(file)
            rotated = file.getexif().get(0x0112, 1) >= 5
            return to_rgb(upright), (width, height) if rotated else (height, width)
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such image.\nCheck the path.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(
            f"{path}: expected a readable image, found a damaged or unknown file ({error}).\n"
            "Replace the file or remove it from the data."
        ) from error


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


def to_rgb(image: Image.Image) -> np.ndarray:
    """Return a Pillow image of any mode as uint8 `[H, W, 3]`.

    Transparency is laid over white; 16-bit grey keeps its upper byte.
    """
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        grey = np.asarray(image).astype("float32")
        # An 8-bit file stored in a wide mode keeps its levels.
        grey = grey / 256 if grey.max(initial=0) > 255 else grey
        return np.repeat(np.clip(grey, 0, 255).astype("uint8")[..., None], 3, axis=-1)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        image = Image.alpha_composite(white, over)
    return np.asarray(image.convert("RGB"))


def resample(image: np.ndarray, size: tuple[int, int], window=None) -> np.ndarray:
    """Return `image`, or a window of it, at another size.

    Args:
        image: uint8 `[H, W, 3]`.
        size: (height, width) of the result.
        window: (x1, y1, x2, y2) in pixels inside the image, not necessarily whole, or `None`
            for all of it.
    """
    pixels = Image.fromarray(image)
    return np.asarray(pixels.resize((size[1], size[0]), FILTER, box=window))


def encode_png(image: np.ndarray) -> bytes:
    """Return uint8 `[H, W, 3]` as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
