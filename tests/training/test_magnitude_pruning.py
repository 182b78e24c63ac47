"""Zeros come and stay, and the run holds an ordinary model."""

import dataclasses

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.errors import DataError
from edgedet.training import Recipe, fit, load_run
from edgedet.training.magnitude_pruning import sparsify_and_fit
from edgedet.training.run import Run

REASON = "needs the extra tfmot: pip install 'edgedet[tfmot]'"
pytest.importorskip("tf_keras", reason=REASON)
pytest.importorskip("tensorflow_model_optimization", reason=REASON)

pytestmark = pytest.mark.slow


def zeros(model):
    return {
        layer.name: float(np.mean(layer.kernel.numpy() == 0))
        for layer in model.network.layers
        if layer.name.endswith("_conv")
    }


def test_the_kept_model_has_the_zeros_learned_on_and_is_the_end_of_its_run(tiny, recipe, tmp_path):
    before = [weight.numpy() for weight in tiny.weights]
    run = sparsify_and_fit(tiny, recipe, tmp_path / "sparse", share=0.5, epochs=4, rate=0.5)
    for weight, value in zip(tiny.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)

    model, _ = load_run(run.folder)
    assert set(zeros(model).values()) == {0.5}
    assert not model.is_replaced
    kernel, old = (one.network.get_layer("c0_conv").kernel.numpy() for one in (model, tiny))
    moved = np.abs(kernel - old)[kernel != 0]
    assert 0 < moved.max() < 0.01
    rows = run.read_history()
    assert len(rows) == 4 and "val_ap50" in rows[-1] and run.report_file.is_file()

    # What it was made with is gone, so it cannot go on.
    recipe = dataclasses.replace(Recipe.read(run.recipe_file), epochs=5)
    with pytest.raises(DataError, match="the saved state does not fit this model"):
        fit(recipe, run.folder, resume=True)


def test_the_command_writes_a_run(tiny, recipe, tmp_path):
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    run.recipe_file.write_text(recipe.to_json())
    tiny.save(run.best_file)
    out = tmp_path / "sparse"
    assert main(["prune", str(run.folder), str(out), "--magnitude", "0.75", "--epochs", "2"]) == 0
    model, written = load_run(out)
    assert set(zeros(model).values()) == {0.75}
    assert written.initial == str(run.folder)
