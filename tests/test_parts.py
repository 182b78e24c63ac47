import contextlib
import zipfile

import numpy as np
import pytest

from edgedet.errors import DataError, ModelError
from edgedet.manifest import Level, Manifest
from edgedet.parts import (
    append_part,
    load_part,
    parameters,
    read_part,
    read_parts,
    rounded,
    save_part,
)

MANIFEST = Manifest("phantom", (128, 96), ("face",), (Level("p2", 4),))
MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4
WEIGHTS = {
    "kernel": np.random.default_rng(0).normal(size=(12, 8)) * np.logspace(-3, 2, 8),
    "bias": np.array([0.1, -3e5, 0, 1e-9], "float32"),
    "temperature": np.float32(0.7),
    "per_channel": np.random.default_rng(1).normal(size=(3, 3, 5)),
}


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(MODEL)
    return path


def test_vectors_come_back_exactly_and_matrices_within_half_a_step(model):
    append_part(model, "memory", WEIGHTS)
    found = read_part(model, "memory")
    assert list(found) == list(WEIGHTS)
    for key, array in WEIGHTS.items():
        assert found[key].shape == np.shape(array) and found[key].dtype == np.float32
        if np.ndim(array) < 2:
            assert np.array_equal(found[key], array)
        else:
            # The largest weight of a column is 127 steps.
            steps = np.abs(array).reshape(-1, np.shape(array)[-1]).max(0) / 127
            assert (np.abs(found[key] - array) <= 0.5001 * steps).all()


def test_what_is_rounded_once_is_rounded():
    once = rounded(WEIGHTS)
    assert all(np.allclose(rounded(once)[key], once[key], rtol=1e-6) for key in once)


def test_each_column_has_a_scale_of_its_own():
    # With one scale, the first column would be zero.
    found = rounded({"kernel": np.array([[1e-4, 100.0], [5e-5, -50.0]])})["kernel"]
    assert np.allclose(found, [[1e-4, 100], [5e-5, -50]], rtol=1e-2)


def test_a_column_of_zeros_stays_zero():
    assert np.array_equal(rounded({"kernel": np.zeros((3, 2))})["kernel"], np.zeros((3, 2)))


def test_parts_lie_beside_the_manifest_and_each_other(model):
    append_part(model, "memory", {"a": np.ones(3)})
    MANIFEST.append_to(model)
    append_part(model, "predictor", {"a": np.zeros((2, 2))})
    assert Manifest.read(model) == MANIFEST
    assert list(read_parts(model)) == ["memory", "predictor"]
    assert np.array_equal(read_part(model, "memory")["a"], np.ones(3))
    assert model.read_bytes()[: len(MODEL)] == MODEL


def test_a_file_without_the_part_has_none(model):
    assert read_part(model, "memory") is None
    MANIFEST.append_to(model)
    assert read_part(model, "memory") is None


def test_a_second_part_of_the_name_is_refused(model):
    append_part(model, "memory", {"a": np.ones(3)})
    once = model.read_bytes()
    with pytest.raises(ValueError, match="carries a part 'memory' already"):
        append_part(model, "memory", {"a": np.zeros(3)})
    assert model.read_bytes() == once


def test_what_is_not_finite_is_refused_before_anything_is_written(model):
    with pytest.raises(ValueError, match="bias: expected finite"):
        append_part(model, "memory", {"bias": np.array([1, np.nan])})
    assert model.read_bytes() == MODEL


def test_equal_weights_give_equal_bytes(model, tmp_path):
    again = tmp_path / "again.tflite"
    again.write_bytes(MODEL)
    append_part(model, "memory", WEIGHTS)
    append_part(again, "memory", WEIGHTS)
    assert model.read_bytes() == again.read_bytes()


def test_a_weight_costs_a_byte(model):
    append_part(model, "memory", {"kernel": np.random.default_rng(0).normal(size=(100, 100))})
    # 10,000 integers, 100 scales of 4 bytes, and what a zip notes about an entry.
    assert model.stat().st_size - len(MODEL) < 10_000 + 400 + 400


def test_all_numbers_are_parameters():
    assert parameters(WEIGHTS) == 12 * 8 + 4 + 1 + 3 * 3 * 5


@pytest.mark.parametrize(
    "content",
    [
        b'{"bias":[2]}\n' + bytes(9),
        b'{"bias":[2]}\n' + bytes(7),
        b'{"kernel":[2,2]}\n' + bytes(8 + 3),
        b'{"bias":2}\n' + bytes(8),
        b"[1]\n",
        b"no json",
    ],
)
def test_another_content_is_refused(model, content):
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr("parts/memory", content)
    with pytest.raises(ModelError, match="model.tflite: expected learned parts.*\n.*export"):
        read_part(model, "memory")


def test_damage_anywhere_is_a_model_error_or_harmless(model):
    weights = {"kernel": np.arange(6.0).reshape(2, 3), "bias": np.arange(3.0)}
    append_part(model, "memory", weights)
    whole, undamaged = model.read_bytes(), rounded(weights)
    refused = 0
    for place in range(len(MODEL), len(whole)):
        model.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = read_part(model, "memory")
        except ModelError as error:
            refused += 1
            assert "model.tflite" in str(error) and "edgedet export" in str(error)
        else:
            assert found is None or all(np.array_equal(found[k], undamaged[k]) for k in undamaged)
    # Among others, every byte of the weights themselves.
    assert refused > 100


def test_weights_are_loaded_from_what_a_training_wrote(tmp_path):
    path = tmp_path / "predictor.npz"
    np.savez(path, kernel=np.eye(3), threshold=2.5)
    loaded = load_part(path)
    np.testing.assert_array_equal(loaded["kernel"], np.eye(3))
    assert float(loaded["threshold"]) == 2.5


@pytest.mark.parametrize("content", [None, b"", b"no weights", b"PK\x03\x04"])
def test_what_holds_no_weights_is_named(tmp_path, content):
    path = tmp_path / "predictor.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=f"{path}: expected the weights of a part"):
        load_part(path)


def test_a_part_that_is_damaged_anywhere_is_no_part_or_harmless(tmp_path):
    path = tmp_path / "memory.npz"
    save_part(path, {"a": np.arange(3, dtype="float32")})
    whole = path.read_bytes()
    for place in range(len(whole)):
        for flipped in (1, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= flipped
            path.write_bytes(damaged)
            with contextlib.suppress(DataError):
                # Only a name or a date can be another one.
                [kept] = load_part(path).values()
                np.testing.assert_array_equal(kept, [0, 1, 2])


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    for bad in (np.array([np.nan]), np.array(["a"])):
        np.savez(tmp_path / "memory.npz", kernel=bad)
        with pytest.raises(DataError, match="expected the weights of a part"):
            load_part(tmp_path / "memory.npz")
