import numpy as np
import pytest

from edgedet.errors import DataError, ModelError
from edgedet.training import Run, load_run


@pytest.fixture
def run(tmp_path, recipe):
    made = Run(tmp_path / "run")
    made.folder.mkdir()
    made.recipe_file.write_text(recipe.to_json())
    return made


def test_a_history_survives_a_round_trip(run):
    # The middle epoch was not evaluated.
    rows = [{"epoch": 1.0, "loss": 0.5, "val_ap": 0.1}, {"epoch": 2.0, "loss": 0.25}]
    run.write_history([*rows, {"epoch": 3.0, "loss": 0.125, "val_ap": 0.0}])
    assert run.read_history() == [*rows, {"epoch": 3.0, "loss": 0.125, "val_ap": 0.0}]
    assert run.history_file.read_text().splitlines()[0] == "epoch,loss,val_ap"


def test_no_history(run):
    assert run.read_history() == []


def test_the_best_model_is_loaded_or_else_the_last(run, tiny, recipe):
    weight = tiny.weights[0]
    for path, value in ((run.last_file, 1.0), (run.best_file, 2.0)):
        weight.assign(np.full(weight.shape, value, "float32"))
        run.save_model(tiny, path)
        model, found = load_run(run.folder)
        assert (model.weights[0].numpy() == value).all()
        assert found == recipe


def test_a_run_without_a_model(run):
    with pytest.raises(DataError, match="expected a trained model, found none"):
        load_run(run.folder)


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(DataError, match="expected the recipe of a run"):
        load_run(tmp_path)


def test_a_damaged_model(run):
    run.best_file.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"best\.keras"):
        load_run(run.folder)
