import numpy as np
import pytest
from PIL import Image

from edgedet import images as shared
from edgedet.data import images
from edgedet.errors import ImageError


def test_scripts_read_with_the_device_s_own_functions():
    assert images.read is shared.read
    assert images.from_bytes is shared.from_bytes


def test_read_gives_pixels_and_the_original_size(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 3), "uint8")
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image, size = images.read(tmp_path / "a.png")
    np.testing.assert_array_equal(image, pixels)
    assert size == (6, 4)
    image, size = images.read(tmp_path / "a.png", size=(3, 8))
    assert (image.shape, image.dtype, size) == ((3, 8, 3), np.uint8, (6, 4))


def test_from_bytes_by_hand():
    image = images.from_bytes(bytes(range(12)), height=1, width=4)
    np.testing.assert_array_equal(image[0, 2], [6, 7, 8])
    with pytest.raises(ImageError, match="Expected 24 bytes for 2 x 4 RGB pixels, found 12"):
        images.from_bytes(bytes(range(12)), height=2, width=4)
