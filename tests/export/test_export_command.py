"""`edgedet export`: from what lies on the disk to one file."""

import types

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.images import encode_png
from edgedet.manifest import Manifest
from edgedet.models import Phantom
from edgedet.parts import read_part
from edgedet.training import run as module


@pytest.fixture
def trained(tmp_path, monkeypatch, tiny_model):
    """A run folder whose model is the tiny one, trained on `tmp_path / faces`."""
    run = tmp_path / "run"
    run.mkdir()
    recipe = types.SimpleNamespace(data=(tmp_path / "faces",))
    monkeypatch.setattr(module, "load_trained", lambda path: (tiny_model, recipe))
    return run


def write_faces(folder, count=3):
    images = folder / "WIDER_train" / "images" / "0--Parade"
    images.mkdir(parents=True)
    lines = []
    generator = np.random.default_rng(0)
    for index in range(count):
        pixels = generator.integers(0, 256, (40, 48, 3)).astype("uint8")
        (images / f"{index}.jpg").write_bytes(encode_png(pixels))
        lines += [f"0--Parade/{index}.jpg", "1", "4 4 20 20 0 0 0 0 0 0"]
    text = folder / "wider_face_split" / "wider_face_train_bbx_gt.txt"
    text.parent.mkdir()
    text.write_text("\n".join(lines) + "\n")


def test_a_run_is_calibrated_on_its_own_data(trained, tmp_path, capsys):
    write_faces(tmp_path / "faces")
    file = tmp_path / "out" / "tiny.tflite"

    assert main(["export", str(trained), str(file)]) == 0

    manifest = Manifest.read(file)
    assert manifest.precision == "int8"
    assert manifest.trained_on == "faces"
    assert "AP50 on training images" in capsys.readouterr().out


@pytest.mark.parametrize("precision", ["float", "float16", "int8", "int16"])
def test_the_precision_is_a_flag(trained, tmp_path, precision):
    write_faces(tmp_path / "other")
    file = tmp_path / "tiny.tflite"

    arguments = [f"--{precision}", "--data", str(tmp_path / "other")]
    assert main(["export", str(trained), str(file), *arguments]) == 0
    assert Manifest.read(file).precision == precision


def test_floats_need_no_data(trained, tmp_path, capsys):
    file = tmp_path / "tiny.tflite"

    assert main(["export", str(trained), str(file), "--float"]) == 0
    assert "there is no such data folder" in capsys.readouterr().err


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize(("flag", "told"), [("--box-voting", True), ("--no-box-voting", False)])
def test_boxes_vote_as_the_model_was_made_or_as_it_is_told(
    trained, tiny_model, tmp_path, monkeypatch, made, flag, told
):
    kind, manifest = type(tiny_model), type(tiny_model).manifest
    made_so = lambda self, **changes: manifest(self, **{"box_voting": made, **changes})  # noqa: E731
    monkeypatch.setattr(kind, "manifest", made_so)
    file = tmp_path / "tiny.tflite"
    assert main(["export", str(trained), str(file), "--float"]) == 0
    assert Manifest.read(file).box_voting is made
    assert main(["export", str(trained), str(file), "--float", flag]) == 0
    assert Manifest.read(file).box_voting is told


def test_parts_travel_in_the_file(trained, tmp_path, capsys):
    file, part = tmp_path / "tiny.tflite", tmp_path / "predictor.npz"
    np.savez(part, kernel=np.eye(3))
    assert main(["export", str(trained), str(file), "--float", "--part", str(part)]) == 0
    np.testing.assert_allclose(read_part(file, "predictor")["kernel"], np.eye(3), atol=1e-6)
    file.unlink()
    part.write_text("none")
    assert main(["export", str(trained), str(file), "--float", "--part", str(part)]) == 1
    assert "expected the weights of a part" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--part", "brain.npz"], "expected a file named memory or predictor.npz"),
        (["--part", "a/memory.npz", "--part", "b/memory.npz"], "expected one memory, found more"),
        (["--qat-rate", "0.2"], "add --qat EPOCHS"),
        (["--qat-engine", "tfmot"], "add --qat EPOCHS"),
    ],
)
def test_wrong_wishes_are_told_at_once(trained, tmp_path, capsys, words, message):
    assert main(["export", str(trained), str(tmp_path / "a.tflite"), *words]) == 2
    assert message in capsys.readouterr().err


def test_where_no_file_can_be_is_told_at_once(trained, tmp_path, capsys):
    (tmp_path / "a.tflite").mkdir()
    assert main(["export", str(trained), str(tmp_path / "a.tflite")]) == 1
    assert "expected the name of a file, found a folder" in capsys.readouterr().err


def test_int8_without_the_runs_data_asks_for_other(trained, tmp_path, capsys):
    file = tmp_path / "tiny.tflite"

    assert main(["export", str(trained), str(file)]) == 1
    assert "name other training data with --data" in capsys.readouterr().err
    assert not file.exists()


def test_two_precisions_are_wrong_usage(trained, tmp_path):
    assert main(["export", str(trained), str(tmp_path / "a.tflite"), "--float", "--int8"]) == 2


def test_the_file_must_be_a_tflite(trained, tmp_path, capsys):
    assert main(["export", str(trained), str(tmp_path / "a.onnx")]) == 2
    assert "a.onnx: expected a name that ends in .tflite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "expected a run folder of `edgedet train` or a .keras file"),
        ("weights.h5", b"x", "expected a run folder of `edgedet train` or a .keras file"),
        ("broken.keras", b"not a zip", "Keras cannot load this file"),
    ],
)
def test_what_is_no_model_is_one_message(tmp_path, capsys, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    assert main(["export", str(path), str(tmp_path / "a.tflite"), "--float"]) == 1
    error = capsys.readouterr().err
    assert str(path) in error and message in error


@pytest.mark.slow
def test_a_keras_file_is_a_model_too(tmp_path):
    model = Phantom()
    model(np.zeros((1, 128, 128, 3), "float32"))
    model.save(tmp_path / "phantom.keras")

    assert (
        main(["export", str(tmp_path / "phantom.keras"), str(tmp_path / "p.tflite"), "--float"])
        == 0
    )
    assert Manifest.read(tmp_path / "p.tflite").model == "phantom"
