"""Network inputs from training images."""

import dataclasses

import numpy as np

from edgedet.data.record import Dataset, Record
from edgedet.export.inputs import pattern_inputs, training_inputs
from edgedet.geometry.letterbox import PADDING
from edgedet.images import encode_png
from edgedet.manifest import Level, Manifest
from edgedet.runtime.preprocess import preprocess
from edgedet.thermal import Normalization

MANIFEST = Manifest("phantom", (16, 16), ("face",), (Level.of_stride(8),))


def grey_set(folder, levels):
    """Return a set of images twice as wide as high, each of one grey level."""
    records = []
    for level in levels:
        path = folder / f"{level}.png"
        path.write_bytes(encode_png(np.full((20, 40, 3), level, "uint8")))
        records.append(
            Record(path, np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool))
        )
    return Dataset(records, ("face",), (1,))


def test_inputs_are_letterboxed_as_on_the_device(tmp_path):
    (image,) = training_inputs([grey_set(tmp_path, [200])], MANIFEST, count=5)

    assert image.shape == (16, 16, 3) and image.dtype == np.uint8
    np.testing.assert_array_equal(image[4:12], 200)
    np.testing.assert_array_equal(image[:4], PADDING)
    np.testing.assert_array_equal(image[12:], PADDING)


def test_every_set_gives_its_share(tmp_path):
    dark, bright = grey_set(tmp_path, range(10, 20)), grey_set(tmp_path, range(200, 210))

    inputs = training_inputs([dark, bright], MANIFEST, count=6)

    assert (inputs[:, 8, 8, 0] < 100).tolist() == [True] * 3 + [False] * 3


def test_an_unreadable_image_is_replaced_by_the_next(tmp_path, caplog):
    dataset = grey_set(tmp_path, range(10, 14))
    (tmp_path / "11.png").write_bytes(b"not a PNG")

    inputs = training_inputs([dataset], MANIFEST, count=3)

    assert sorted(inputs[:, 8, 8, 0]) == [10, 12, 13]
    assert "skipped 1 of 4 images" in caplog.text and "11.png" in caplog.text


def test_without_sets_there_are_no_inputs():
    assert training_inputs([], MANIFEST, count=3).shape == (0, 16, 16, 3)


def test_patterns_are_inputs_too():
    patterns = pattern_inputs(MANIFEST, count=4)

    assert patterns.shape == (4, 16, 16, 3) and patterns.dtype == np.uint8
    assert len({pattern.tobytes() for pattern in patterns}) == 4


def test_thermal_frames_are_normalized_as_on_the_device(tmp_path):
    thermal = Normalization()
    manifest = dataclasses.replace(MANIFEST, bands=1, thermal=thermal)
    generator = np.random.default_rng(0)
    records = []
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", generator.integers(7000, 9000, (20, 40), "uint16"))
        nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
        records.append(Record(tmp_path / f"{name}.npy", *nothing))
    # A frame of other bands is passed over, as what is damaged.
    np.save(tmp_path / "b.npy", np.zeros((20, 40, 5), "uint16"))

    (image,) = training_inputs([Dataset(records, ("face",), (1,))], manifest, count=2)

    counts = np.load(tmp_path / "a.npy")
    np.testing.assert_array_equal(image, preprocess(counts, (16, 16), 1, thermal)[0][0])
