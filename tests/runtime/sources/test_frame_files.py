import numpy as np
import pytest
from PIL import Image

from edgedet.errors import ImageError
from edgedet.runtime.sources.frame_files import FrameFiles
from edgedet.thermal import Normalization

COUNTS = np.arange(7000, 7000 + 6 * 8, dtype="uint16").reshape(6, 8)
THERMAL = FrameFiles(Normalization(), 1, (6, 8))


def test_counts_keep_their_bits(tmp_path):
    for name in ("a.png", "a.tif"):
        Image.fromarray(COUNTS).save(tmp_path / name)
    np.save(tmp_path / "a.npy", COUNTS)
    (tmp_path / "a.RAW").write_bytes(COUNTS.astype("<u2").tobytes())
    for name in ("a.png", "a.tif", "a.npy", "a.RAW"):
        frame = THERMAL.read(tmp_path / name)
        assert frame.dtype == np.uint16
        np.testing.assert_array_equal(frame.reshape(6, 8), COUNTS)


def test_an_ordinary_model_sees_colours(tmp_path):
    Image.fromarray(COUNTS).save(tmp_path / "a.png")
    frame = FrameFiles().read(tmp_path / "a.png")
    assert (frame.shape, frame.dtype) == ((6, 8, 3), np.uint8)


def test_raw_frames_of_8_bits_and_of_several_bands(tmp_path):
    frame = np.arange(6 * 8 * 2, dtype="uint8").reshape(6, 8, 2)
    (tmp_path / "a.raw").write_bytes(frame.tobytes())
    np.testing.assert_array_equal(
        FrameFiles(Normalization(), 2, (6, 8)).read(tmp_path / "a.raw"), frame
    )


def test_raw_frames_of_another_size_are_named(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"\0" * 95)
    with pytest.raises(ImageError, match=r"a\.raw: Expected 96 bytes for 6 x 8 .*found 95"):
        THERMAL.read(tmp_path / "a.raw")
    with pytest.raises(ImageError, match=r"none\.raw: cannot be read"):
        THERMAL.read(tmp_path / "none.raw")


def test_raw_files_are_frames_where_their_size_is_known():
    assert ".raw" in THERMAL.suffixes and ".npy" in THERMAL.suffixes
    assert ".raw" not in FrameFiles().suffixes
