import dataclasses

import numpy as np
import pytest
from PIL import Image

from edgedet.data.source.reading import COLOUR, GREY, of_manifest, read_colour, read_grey
from edgedet.errors import DataError
from edgedet.manifest import Level, Manifest
from edgedet.runtime.preprocess import preprocess, read_frame
from edgedet.thermal import Normalization

MANIFEST = Manifest("nightvision", (32, 40), ("person",), (Level.of_stride(8),))


def test_colour_and_grey(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [10, 10, 10]]], "uint8")).save(path)
    np.testing.assert_array_equal(read_colour(path), [[[255, 0, 0], [0, 255, 0], [10, 10, 10]]])
    # Luma of BT.601: .299 of red, .587 of green; grey keeps its level.
    np.testing.assert_array_equal(read_grey(path), [[[76], [150], [10]]])


def test_ordinary_images_are_read_by_their_bands():
    assert of_manifest(MANIFEST) is COLOUR
    assert of_manifest(dataclasses.replace(MANIFEST, bands=1)) is GREY
    with pytest.raises(DataError, match="found one of 2"):
        of_manifest(dataclasses.replace(MANIFEST, bands=2))


@pytest.mark.parametrize("bands", [1, 2])
@pytest.mark.parametrize("polarity", ["unknown", "black_hot"])
def test_thermal_frames_are_read_as_the_device_sees_them(tmp_path, bands, polarity):
    # As large as the input, so that the device scales nothing.
    counts = np.random.default_rng(0).integers(7000, 9000, (32, 40, bands), "uint16")
    np.save(tmp_path / "a.npy", counts)
    thermal = Normalization(polarity=polarity)
    manifest = dataclasses.replace(MANIFEST, bands=bands, thermal=thermal)
    reading = of_manifest(manifest)
    assert (reading.bands, reading.as_stored) == (bands, False)
    frame = read_frame(tmp_path / "a.npy", thermal)
    (expected,), _ = preprocess(frame, (32, 40), bands, thermal)
    np.testing.assert_array_equal(reading.read(tmp_path / "a.npy"), expected)
