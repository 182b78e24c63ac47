"""A pruned run is a run like any other: it goes on, is exported, and begins others."""

import dataclasses

import keras
import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.errors import DataError
from edgedet.manifest import Manifest
from edgedet.models import MODELS, Detector
from edgedet.models.blocks import conv
from edgedet.models.heads import dense_head
from edgedet.training import Recipe, fit, load_run
from edgedet.training.channel_pruning import prune_and_fit
from edgedet.training.run import Run


@keras.saving.register_keras_serializable(package="edgedet-tests")
class Wide(Detector):
    """As `Tiny`, with more channels than must stay."""

    size_ranges = ((0.0, float("inf")),)

    def __init__(self, input_size=(64, 64), class_names=("face",), **kwargs):
        images = keras.Input((*input_size, 3))
        features = images
        for step in range(3):
            features = conv(features, 16, stride=2, name=f"c{step}")
        network = keras.Model(images, dense_head(features, len(class_names), 16, "p3"))
        super().__init__(network, input_size, (8,), class_names, **kwargs)

    def get_config(self):
        own = {"input_size": self.input_size, "class_names": self.class_names}
        return {**super().get_config(), **own}


@pytest.fixture(autouse=True)
def wide_may_be_trained(monkeypatch):
    monkeypatch.setitem(MODELS, "wide", Wide)


@pytest.fixture
def wide():
    keras.utils.set_random_seed(0)
    return Wide()


@pytest.fixture
def recipe(recipe):
    return dataclasses.replace(recipe, model="wide")


def widths(model):
    layers = model.network.layers
    return {layer.name: layer.filters for layer in layers if hasattr(layer, "filters")}


@pytest.mark.slow
def test_it_is_a_smaller_run_that_goes_on_and_begins_others(wide, recipe, tmp_path, caplog):
    before = [weight.numpy() for weight in wide.weights]
    out = tmp_path / "pruned"
    with caplog.at_level("INFO"):
        run = prune_and_fit(wide, recipe, out, share=0.4, epochs=2)
    for weight, value in zip(wide.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)

    model, written = load_run(out)
    left = widths(model)
    assert set(left.values()) == {1, 4, 8, 16} and model.count_params() < wide.count_params()
    learned = [sum(np.prod(w.shape) for w in one.trainable_weights) for one in (wide, model)]
    assert learned[1] >= 0.6 * learned[0]
    counts = f"{model.network.count_params()} of {wide.network.count_params()} parameters are left"
    assert counts in caplog.text
    assert len(run.read_history()) == 2 and run.report_file.is_file()
    assert written.initial == str(run.pruned_file)
    # Half of the recipe's learning rate.
    assert written.optimization.learning_rate == recipe.optimization.learning_rate / 2

    fit(dataclasses.replace(written, epochs=3), out, resume=True)
    assert len(run.read_history()) == 3 and widths(load_run(out)[0]) == left

    other = fit(dataclasses.replace(recipe, initial=str(out), epochs=1), tmp_path / "other")
    assert widths(load_run(other.folder)[0]) == left


@pytest.mark.slow
def test_the_command_prunes_what_is_exported_then(wide, recipe, tmp_path):
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    run.recipe_file.write_text(recipe.to_json())
    wide.save(run.best_file)
    out, file = tmp_path / "pruned", tmp_path / "wide.tflite"
    options = ["--channels", "0.4", "--epochs", "1", "--rate", "0.25"]
    assert main(["prune", str(run.folder), str(out), *options]) == 0
    assert main(["export", str(out), str(file), "--float"]) == 0
    assert Manifest.read(file).precision == "float"
    rate = Recipe.read(out / "recipe.json").optimization.learning_rate
    assert rate == recipe.optimization.learning_rate / 4


def test_a_run_that_is_there_is_not_overwritten(wide, recipe, tmp_path):
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    with pytest.raises(DataError, match="there is a run already"):
        prune_and_fit(wide, recipe, tmp_path, share=0.4, epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.json"]


def test_other_classes_are_refused(recipe, tmp_path):
    with pytest.raises(DataError, match="expected the classes of the model, cat, found face"):
        prune_and_fit(Wide(class_names=("cat",)), recipe, tmp_path / "out", share=0.4, epochs=1)
    assert not (tmp_path / "out").exists()
