"""Images as arrays: read from a file or from bytes, and resampled as the device does it.

Evaluation and the device use these functions, so both see the same pixels. Training decodes
ordinary JPEGs with TensorFlow (`data/source/pixels.py`), which gives the same pixels, and resamples
with TensorFlow's filter (`data/augment/stroke.py`), which gives close ones; it reads everything
else with `read`.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgedet import npy
from edgedet.errors import ImageError
from edgedet.file_part import open_binary

# Averages over the pixels that fall together, which keeps small objects visible when shrinking.
FILTER = Image.Resampling.BILINEAR
# From twice this ratio on, pixels are first averaged in whole blocks, which takes two thirds of the
# time; photographs then differ by 0.75 grey levels on average from the plain filter's result.
REDUCING_GAP = 2.0
# A JPEG may be decoded at 1/2, 1/4 or 1/8 as long as that is still this much larger than asked.
SHRINK_MARGIN = 2
# Rows that are copied at once.
STRIP = 256
# The EXIF tag of the orientation, and how each of its values is turned upright.
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# From here on, height and width change places.
FIRST_SIDEWAYS = 5


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
        image = _shown(npy.read(path))
        original = image.shape[:2]
    else:
        with _opened(path) as file:
            image, original = _decode(file, size)
    return (image if size is None else resample(image, size)), original


def read_counts(path: Path) -> np.ndarray:
    """Return the pixels of an image file as they are stored, upright.

    Args:
        path: PNG or TIFF of 8 or 16 bits or floats, any other image file, or `.npy` with an
            array `[H, W]` or `[H, W, bands]` of integers or floats.

    Returns:
        `[H, W]` of uint8, uint16, int32 or float32 for grey, as the file holds it; uint8
        `[H, W, 3]` for anything in colour (of 16-bit colour, too, the upper bytes); whatever a
        `.npy` holds.

    Raises:
        ImageError: The file is missing, truncated or no image.
    """
    if npy.is_npy(path):
        return npy.read(path)
    with _opened(path) as file:
        image = _upright(file)
        if image.mode == "L":
            return np.asarray(image)
        return _counts(image) if _is_wide(image) else to_rgb(image)


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
    with _opened(path) as file:
        orientation = _orientation(file)
        plain = file.format == "JPEG" and file.mode in ("RGB", "L") and orientation == 1
        sideways = orientation >= FIRST_SIDEWAYS
        return (file.width, file.height) if sideways else (file.height, file.width), plain


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


def to_rgb(image: Image.Image) -> np.ndarray:
    """Return a Pillow image of any mode as uint8 `[H, W, 3]`.

    Transparency is laid over white; 16-bit grey keeps its upper byte; floats that stay within
    0 and 1 are taken as shares of white.
    """
    if _is_wide(image):
        return _shown(np.asarray(image))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        image = Image.alpha_composite(white, over)
    return _pixels(image if image.mode == "RGB" else image.convert("RGB"))


def resample(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return `image`, uint8 `[H, W, bands]`, at another (height, width), uint8 `[h, w, bands]`."""
    bands = image.shape[2]
    if bands == 3:
        return _resample_plane(image, size)
    planes = [_resample_plane(image[..., band], size) for band in range(bands)]
    return np.stack(planes, axis=-1)


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


def _decode(file, size):
    width, height = file.size
    sideways = _orientation(file) >= FIRST_SIDEWAYS
    if size is not None:
        # A scaled inverse DCT is several times faster than a whole one.
        wanted = tuple(SHRINK_MARGIN * side for side in size)
        # `draft` speaks of (width, height) as stored, before any turning.
        file.draft("RGB", wanted if sideways else wanted[::-1])
    shrunk = file.size != (width, height)
    pixels = to_rgb(_upright(file))
    if not shrunk:
        return pixels, pixels.shape[:2]
    return pixels, (width, height) if sideways else (height, width)


def _upright(file):
    # Pillow turns TIFF files upright as it loads them, and then forgets their orientation.
    file.load()
    turn = UPRIGHT.get(_orientation(file))
    return file if turn is None else file.transpose(turn)


def _orientation(file):
    """Return the EXIF orientation, 1 where there is none."""
    try:
        orientation = file.getexif().get(ORIENTATION, 1)
    # Broken metadata is common and says nothing about the pixels.
    except Exception:
        return 1
    return orientation if orientation in UPRIGHT else 1


def _pixels(image):
    # In strips: at once, Pillow's buffers would hold a large photograph three times over.
    pixels = np.empty((image.height, image.width, 3), "uint8")
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _is_wide(image):
    return image.mode == "F" or image.mode.startswith("I")


def _counts(image):
    """Return wide grey in the machine's own byte order; 16 bits in 16, whatever the mode."""
    counts = np.asarray(image)
    if counts.dtype.kind == "i" and counts.min() >= 0 and counts.max() < 2**16:
        return counts.astype("uint16")
    return counts.astype(counts.dtype.newbyteorder("="), copy=False)


def _shown(counts):
    """Return counts of any width as uint8 `[H, W, 3]`: three bands as colour, else the first."""
    counts = counts[..., None] if counts.ndim == 2 else counts
    bands = counts if counts.shape[2] == 3 else counts[..., :1]
    return np.broadcast_to(_wide_grey(bands), (*counts.shape[:2], 3)).copy()


def _wide_grey(grey):
    grey = np.nan_to_num(grey.astype("float32"), posinf=255)
    highest = grey.max(initial=0)
    if highest > 255:
        # 16 bits; an 8-bit file stored in a wide mode keeps its levels.
        grey = grey / 256
    elif highest <= 1:
        grey = grey * 255
    return np.clip(grey, 0, 255).astype("uint8")


def _resample_plane(plane, size):
    pixels = Image.fromarray(plane)
    scaled = pixels.resize((size[1], size[0]), FILTER, reducing_gap=REDUCING_GAP)
    return np.asarray(scaled)


@contextlib.contextmanager
def _opened(path):
    try:
        with open_binary(path) as binary, Image.open(binary) as file:
            yield file
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such image.\nCheck the path.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise ImageError(
            f"{path}: expected an image that fits into memory, found a larger one ({error}).\n"
            "Make it smaller, or remove it from the data."
        ) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{path}: expected a readable image, found {_beginning(path)}.\n"
            "Replace the file or remove it from the data."
        ) from error
    # On damaged files Pillow's readers raise whatever their parsers stumble over.
    except Exception as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(
            f"{path}: expected a readable image, found a damaged or unknown file ({reason}).\n"
            "Replace the file or remove it from the data."
        ) from error


def _beginning(path):
    with open_binary(path) as file:
        first = file.read(16)
    return f"a file that begins with {str(first)[1:]}" if first else "an empty file"
