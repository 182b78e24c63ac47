"""Upright: a camera that was turned stores lying pixels, and says in EXIF how to turn them."""

from __future__ import annotations

from PIL import Image

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
# The tags of a TIFF's size.
WIDTH, HEIGHT = 256, 257
# From here on, height and width change places.
FIRST_SIDEWAYS = 5


def upright(file: Image.Image) -> Image.Image:
    """Return an open image file, loaded and turned upright."""
    # Pillow turns TIFF files upright as it loads them, and then forgets their orientation.
    file.load()
    turn = UPRIGHT.get(orientation_of(file))
    return file if turn is None else file.transpose(turn)


def stored_size(file: Image.Image) -> tuple[int, int]:
    """Return the (width, height) of an open image file as it is stored, before any turning."""
    # Of TIFF files some versions of Pillow say the size after it.
    return (file.tag_v2[WIDTH], file.tag_v2[HEIGHT]) if file.format == "TIFF" else file.size


def orientation_of(file: Image.Image) -> int:
    """Return the EXIF orientation, 1 where there is none."""
    try:
        orientation = file.getexif().get(ORIENTATION, 1)
    # Broken metadata is common and says nothing about the pixels.
    except Exception:
        return 1
    return orientation if orientation in UPRIGHT else 1
