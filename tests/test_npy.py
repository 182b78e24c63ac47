import io

import numpy as np
import pytest

from edgedet import npy
from edgedet.errors import ImageError


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", ">u2"])
@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 7)])
def test_a_frame_comes_back_as_it_was_written(tmp_path, dtype, shape):
    frame = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    path = tmp_path / "frame.NPY"
    with path.open("wb") as file:
        np.save(file, frame)
    assert npy.is_npy(path)
    assert npy.read_size(path) == (3, 4)
    np.testing.assert_array_equal(npy.read(path), frame)


def test_other_names_are_no_arrays():
    assert not npy.is_npy("frame.png")
    assert not npy.is_npy("npy")


@pytest.mark.parametrize(
    "array", [np.zeros(4), np.zeros((2, 0)), np.zeros((1, 2, 3, 4)), np.array([["a"]])]
)
def test_what_is_no_frame_is_refused(tmp_path, array):
    np.save(tmp_path / "frame.npy", array)
    with pytest.raises(ImageError, match=r"frame.npy: expected numbers \[height, width\] or"):
        npy.read(tmp_path / "frame.npy")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_a_truncated_file_is_named(tmp_path, share):
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((20, 30), "uint16"))
    content = buffer.getvalue()
    (tmp_path / "cut.npy").write_bytes(content[: int(share * len(content))])
    for look in (npy.read, npy.read_size):
        with pytest.raises(ImageError, match="cut.npy: expected an array of counts"):
            look(tmp_path / "cut.npy")


def test_nothing_in_a_file_is_run(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([[{}]]), allow_pickle=True)
    with pytest.raises(ImageError, match="objects.npy: expected an array of counts"):
        npy.read(tmp_path / "objects.npy")


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"none\.npy: there is no such image"):
        npy.read(tmp_path / "none.npy")
