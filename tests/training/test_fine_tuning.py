"""Fine-tuning for INT8: through the loop of every training, to a file that keeps the ranges."""

import dataclasses
import shutil

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.errors import DataError, ExportError
from edgedet.export import tflite
from edgedet.manifest import Manifest
from edgedet.quantization import is_rounded, ranges_of
from edgedet.quantization.clipping import LOWEST_LOGIT
from edgedet.runtime.measure.inspection import inspect
from edgedet.training import run as module
from edgedet.training.fine_tuning import ENGINES, fine_tune
from edgedet.training.loop import fit


@pytest.fixture(params=ENGINES)
def engine(request):
    if request.param == "tfmot":
        reason = "needs the extra tfmot: pip install 'edgedet[tfmot]'"
        pytest.importorskip("tf_keras", reason=reason)
        pytest.importorskip("tensorflow_model_optimization", reason=reason)
    return request.param


def weights_of(model):
    return [weight.numpy() for weight in model.weights]


@pytest.mark.slow
def test_it_learns_on_and_leaves_the_model_alone(tiny, recipe, engine, caplog):
    before = weights_of(tiny)
    with caplog.at_level("INFO"):
        tuned = fine_tune(tiny, recipe, 2, engine)
    for weight, value in zip(weights_of(tiny), before, strict=True):
        np.testing.assert_array_equal(weight, value)
    assert is_rounded(tuned.network)
    # Six images, two a step.
    assert int(tuned.optimizer.iterations) == 6
    assert "epoch 2/2  box" in caplog.text
    # The kernel of the first convolution has moved, but not far.
    kernel = next(weight for weight in tuned.trainable_weights if "kernel" in weight.path).numpy()
    moved = np.abs(kernel - tiny.network.trainable_weights[0].numpy())
    assert 0 < moved.max() < 0.01
    if engine == "edgedet":
        assert_its_own_way(tuned.network)


def assert_its_own_way(network):
    """Ranges are averaged like weights and cut where no curve looks, batch norms frozen late."""
    assert all(layer.fixed or layer.observed.numpy().all() for layer in ranges_of(network))
    counted = [layer for layer in network.layers if hasattr(layer, "steps")]
    assert {(int(layer.steps), layer.norm_steps) for layer in counted} == {(6, 3)}
    cut = network.output["p3_class_logits"]._keras_history.operation
    assert cut.limits[0] == LOWEST_LOGIT


def test_other_classes_are_refused(tiny, recipe):
    tiny.class_names = ("cat",)
    with pytest.raises(DataError, match="expected the classes of the model, cat, found face"):
        fine_tune(tiny, recipe, 1)


@pytest.fixture(scope="module")
def trained(recipe, tmp_path_factory):
    """The folder of a run that has learned something."""
    run = tmp_path_factory.mktemp("trained") / "run"
    fit(dataclasses.replace(recipe, epochs=30, evaluate_every=30), run)
    return run


@pytest.mark.slow
def test_the_command_fine_tunes_and_exports(trained, engine, tmp_path, capsys):
    run = shutil.copytree(trained, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    file, header = tmp_path / "tiny.tflite", tmp_path / "tiny.h"

    options = ["--qat", "1", "--qat-engine", engine, "--c-header", str(header)]
    assert main(["export", str(run), str(file), *options]) == 0

    assert Manifest.read(file).precision == "int8" and inspect(file).integer_only
    assert "fine-tuning for INT8: 1 epochs of 3 steps" in capsys.readouterr().err
    assert "tiny_model[" in header.read_text()
    assert before == {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}


@pytest.mark.slow
def test_what_was_learned_is_kept_where_the_file_is_refused(
    tiny, recipe, tmp_path, monkeypatch, capsys
):
    run, file, kept = (tmp_path / name for name in ("run", "a.tflite", "a.qat.keras"))
    run.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(module, "load_trained", lambda path: (tiny, recipe))
        patch.setattr(tflite, "require_parity", refuse)
        assert main(["export", str(run), str(file), "--qat", "1"]) == 1
    told = capsys.readouterr().err
    assert f"Found too little.\nWhat --qat has learned is kept: {kept}. Export" in told
    assert kept.is_file() and not file.exists()

    assert main(["export", str(kept), str(file), "--data", recipe.data[0]]) == 0
    assert inspect(file).integer_only


def refuse(*_, **__):
    raise ExportError("Found too little.")
