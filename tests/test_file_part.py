from pathlib import Path

import numpy as np
import pytest

from edgedet import images, npy
from edgedet.errors import ImageError
from edgedet.file_part import FilePart, open_binary

HEADER = ((4, 6), False)


@pytest.fixture
def part(tmp_path):
    """Put bytes between others, and return them as a part: `part(content, name)`."""

    def make(content, name="event/one.png"):
        path = tmp_path / "large.bin"
        path.write_bytes(b"before" + content + b"behind")
        return FilePart(path, 6, len(content), name, HEADER)

    return make


def test_a_part_is_read_like_a_file(part):
    found = part(b"inside")
    assert found.is_file() and found.read_bytes() == b"inside"
    with open_binary(found) as file:
        assert file.read() == b"inside"
    with open_binary(found.path) as file:
        assert file.read() == b"beforeinsidebehind"


def test_its_name_is_what_it_was(part):
    found = part(b"", "event/one.two.jpg")
    assert (found.stem, found.parent.name) == ("one.two", "event")
    assert str(found) == f"{found.path}/event/one.two.jpg"
    assert not FilePart(Path("nowhere"), 0, 1, "a", HEADER).is_file()


def test_images_in_parts(part, clutter):
    image = clutter(0, (4, 6))
    found = part(images.encode_png(image))
    np.testing.assert_array_equal(images.read(found)[0], image)
    assert images.read_header(found) == HEADER


def test_arrays_in_parts(part, tmp_path):
    counts = np.arange(24, dtype="uint16").reshape(4, 6)
    np.save(tmp_path / "one.npy", counts)
    found = part((tmp_path / "one.npy").read_bytes(), "one.npy")
    np.testing.assert_array_equal(npy.read(found), counts)
    assert npy.read_size(found) == (4, 6)


@pytest.mark.parametrize("name", ["one.png", "one.npy"])
def test_damage_is_named_with_the_file_and_the_part(part, name):
    with pytest.raises(ImageError, match=f"large.bin/{name}: expected"):
        images.read(part(b"no image at all", name))
