import numpy as np
import pytest
from PIL import Image

from edgedet import thermal
from edgedet.errors import ImageError
from edgedet.runtime.preprocess import preprocess, read_frame
from edgedet.thermal import Normalization
from edgedet.thermal.palettes import palette


@pytest.mark.parametrize("name", ["grey.png", "grey.jpg", "wide.png", "wide.tiff", "wide.npy"])
def test_training_and_device_see_the_same(tmp_path, scene, name):
    path, levels = tmp_path / name, scene(0, (60, 80))
    counts = levels if name.startswith("grey") else 3000 + 20 * levels.astype("uint16")
    if name.endswith("npy"):
        np.save(path, counts)
    else:
        Image.fromarray(counts).save(path)
    settings = Normalization()
    learned = thermal.read(path, 1, settings)
    assert (learned.shape, learned.dtype) == ((60, 80, 1), np.dtype("uint8"))
    seen, _ = preprocess(read_frame(path, settings), (60, 80), 1, settings)
    np.testing.assert_array_equal(seen[0], learned)


def test_false_colour_files_become_intensity(tmp_path, scene):
    levels = scene(0, (60, 80))
    Image.fromarray(palette("iron")[levels]).save(tmp_path / "iron.png")
    found = thermal.read(tmp_path / "iron.png", 1, Normalization())[..., 0].astype(int)
    expected = thermal.normalize(levels[..., None], Normalization())[..., 0]
    assert np.abs(found - expected).mean() < 4


def test_ordinary_models_read_colour(tmp_path, scene):
    Image.fromarray(scene(0, (20, 30))).save(tmp_path / "grey.png")
    assert read_frame(tmp_path / "grey.png").shape == (20, 30, 3)


def test_a_file_of_other_bands_is_named(tmp_path):
    np.save(tmp_path / "five.npy", np.zeros((4, 4, 5), "uint16"))
    with pytest.raises(ImageError, match=r"five.npy: Expected a frame of shape .*, 1\]"):
        thermal.read(tmp_path / "five.npy", 1, Normalization())
