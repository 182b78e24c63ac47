import dataclasses
import sys

import numpy as np
import pytest

from edgedet.errors import ManifestError, MissingExtraError, ModelError
from edgedet.manifest import Level, Manifest
from edgedet.runtime import interpreter
from edgedet.runtime.engine import LiteRTEngine
from edgedet.runtime.measure.inspection import inspect


def test_outputs_by_name_in_real_numbers(tiny, manifest):
    images = np.zeros((1, 32, 32, 3), "uint8")
    images[0, 8:12, 16:20] = 255

    raw = LiteRTEngine(tiny, manifest)(images)

    assert list(raw) == manifest.tensors
    assert all(value.dtype == np.float32 for value in raw.values())
    # The logit of `white` is 8 * 3 - 20, of black -20, each within one step of 0.094.
    assert raw["p2_class_logits"][0, 2, 4, 0] == pytest.approx(4, abs=0.095)
    assert raw["p2_class_logits"][0, 0, 0, 0] == pytest.approx(-20, abs=0.095)
    # ln(e - 1), which softplus turns into one stride.
    np.testing.assert_allclose(raw["p2_box_raw"][0, 2, 4], 0.5413, atol=0.003)


def test_a_batch_answers_as_its_images_do(tiny, manifest):
    engine = LiteRTEngine(tiny, manifest)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), "uint8")

    together = engine(images)

    for index in range(3):
        alone = engine(images[index : index + 1])
        for name in manifest.tensors:
            np.testing.assert_array_equal(together[name][index], alone[name][0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_size": (64, 64)}, "one input of shape"),
        ({"bands": 1}, "one input of shape"),
        ({"levels": (Level.of_stride(16),)}, "promises outputs"),
        ({"class_names": ("white",)}, "p2_class_logits of shape"),
        ({"levels": (Level("p2", 8),)}, "of shape"),
    ],
)
def test_a_file_that_does_not_fit_its_manifest(with_manifest, manifest, change, message):
    other = dataclasses.replace(manifest, **change)
    path = with_manifest(other)
    with pytest.raises(ModelError, match=message):
        LiteRTEngine(path, other)
    # Its facts would be another model's.
    with pytest.raises(ModelError, match=message):
        inspect(path, other)


def test_a_file_that_is_no_tflite(tmp_path, manifest):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"not a model, though a zip may follow")
    manifest.append_to(path)
    with pytest.raises(ModelError, match=r"model\.tflite: expected a \.tflite"):
        LiteRTEngine(path, manifest)


def test_a_head_without_a_body(tmp_path, manifest):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3")
    with pytest.raises(ModelError, match=r"model\.tflite"):
        LiteRTEngine(path, manifest)


def test_a_missing_file(tmp_path, manifest):
    with pytest.raises(ModelError, match="there is no such model file"):
        LiteRTEngine(tmp_path / "none.tflite", manifest)


@pytest.mark.parametrize("content", ["[]", "7", "{}", '{"format": 1}', "no json"])
def test_a_manifest_that_is_none(tmp_path, content):
    import zipfile

    path = tmp_path / "model.tflite"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edgedet.json", content)
    with pytest.raises(ManifestError, match=r"model\.tflite"):
        Manifest.read(path)


def test_no_interpreter_is_a_clear_message(monkeypatch):
    for name in interpreter.INTERPRETERS:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match="pip install ai-edge-litert"):
        interpreter.find_interpreter()


def test_the_older_interpreter_serves_where_the_first_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, interpreter.INTERPRETERS[0], None)
    older = type(sys)("tflite_runtime.interpreter")
    monkeypatch.setitem(sys.modules, "tflite_runtime", type(sys)("tflite_runtime"))
    monkeypatch.setitem(sys.modules, interpreter.INTERPRETERS[1], older)
    assert interpreter.find_interpreter() is older
