"""Images as arrays: files and bytes become pixels, and pixels files, in NumPy and Pillow alone.

Evaluation and the device use these functions, so both see the same pixels. Training decodes
ordinary JPEGs with TensorFlow (`data/source/pixels.py`), which gives the same pixels, and resamples
with TensorFlow's filter (`data/augment/stroke.py`), which gives close ones; it reads everything
else with `read`.
"""

from edgedet.images.encoding import encode_jpeg, encode_png
from edgedet.images.modes import to_rgb
from edgedet.images.raw import from_bytes, from_raw
from edgedet.images.reading import read, read_counts, read_header
from edgedet.images.resampling import FILTER, resample

__all__ = [
    "FILTER",
    "encode_jpeg",
    "encode_png",
    "from_bytes",
    "from_raw",
    "read",
    "read_counts",
    "read_header",
    "resample",
    "to_rgb",
]
