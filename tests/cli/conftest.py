import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from edgedet.files import write_bytes
from edgedet.images import encode_png
from edgedet.manifest import Manifest
from edgedet.thermal import Normalization


@pytest.fixture
def tiny():
    """A real int8 file whose answers can be worked out by hand; see tools/make_fixtures.py."""
    return Path(__file__).parent.parent / "fixtures" / "tiny-int8.tflite"


@pytest.fixture
def photograph(tmp_path):
    """A black 32 x 32 picture with one white cell: the tiny network sees one box in it."""
    frame = np.zeros((32, 32, 3), "uint8")
    frame[8:12, 16:20] = 255
    path = tmp_path / "white.png"
    write_bytes(path, encode_png(frame))
    return path


@pytest.fixture
def tiny_thermal(tiny, tmp_path):
    """The tiny network as one of thermal frames: what is 300 K and colder is black to it."""
    path = tmp_path / "thermal.tflite"
    shutil.copy(tiny, path)
    content = path.read_bytes()
    path.write_bytes(content[: content.rfind(b"PK\x03\x04")])
    thermal = Normalization((300.0, 300.1), kelvin_per_count=0.01, repair=False)
    dataclasses.replace(Manifest.read(tiny), thermal=thermal).append_to(path)
    return path
