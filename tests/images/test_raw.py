import numpy as np
import pytest

from edgedet import images
from edgedet.errors import ImageError


def test_from_bytes_by_hand():
    image = images.from_bytes(bytes(range(12)), 2, 2)
    np.testing.assert_array_equal(image[1, 0], [6, 7, 8])
    with pytest.raises(ImageError, match="Expected 12 bytes for 2 x 2"):
        images.from_bytes(bytes(11), 2, 2)


def test_raw_frames_by_hand():
    frame = images.from_raw(bytes([1, 0, 0, 1, 255, 63, 2, 0]), 2, 2)
    assert (frame.dtype, frame.shape) == (np.dtype("uint16"), (2, 2, 1))
    # Little-endian: the second byte counts 256.
    assert frame[..., 0].tolist() == [[1, 256], [16_383, 2]]
    assert images.from_raw(bytes(range(12)), 2, 2, bands=3, bits=8)[1, 0].tolist() == [6, 7, 8]
    with pytest.raises(ImageError, match="Expected 8 bytes for 2 x 2 pixels of 1 x 16 bits"):
        images.from_raw(bytes(7), 2, 2)
