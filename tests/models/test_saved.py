import keras
import pytest

from edgedet.errors import ModelError
from edgedet.models import Phantom, load_detector


def test_a_detector_comes_back(tmp_path):
    Phantom(input_size=(64, 64)).save(tmp_path / "saved.keras")
    loaded = load_detector(tmp_path / "saved.keras")
    assert isinstance(loaded, Phantom)
    assert loaded.input_size == (64, 64)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut off"])
def test_a_file_that_is_none_is_named(tmp_path, content):
    path = tmp_path / "damaged.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged\.keras: Keras cannot load .*\n\S"):
        load_detector(path)


def test_another_model_is_refused(tmp_path):
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(ModelError, match="expected one of edgedet's detectors, found a Functional"):
        load_detector(tmp_path / "other.keras")
