import numpy as np
import pytest

from edgedet.data import wider_face
from edgedet.evaluation import Evaluation
from edgedet.training import Run, load_run
from edgedet.training.ema import WeightAverage
from edgedet.training.validation import Validation


@pytest.fixture
def validate(tmp_path, tiny, recipe, monkeypatch):
    """Let a model be measured after epochs 1, 2, 3 ... with the AP50 given."""
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    run.recipe_file.write_text(recipe.to_json())

    def make(*ap50s, dataset="some", every=1, best=-1.0):
        measured = iter(ap50s)
        monkeypatch.setattr(
            Validation,
            "_measure",
            lambda self: Evaluation({"ap": None, "ap50": next(measured), "ar100": 0.0}, None),
        )
        average = WeightAverage(0.0)
        average.set_model(tiny)
        callback = Validation(run, dataset, average, every, epochs=5, best=best)
        callback.set_model(tiny)
        logged = []
        for epoch in range(5):
            mark(tiny, epoch + 1)
            average.on_train_batch_end(0)
            mark(tiny, -1)
            logged.append({"loss": 1.0})
            callback.on_epoch_end(epoch, logged[-1])
        return run, logged

    return make


def mark(model, value):
    model.weights[0].assign(np.full(model.weights[0].shape, value, "float32"))


def marked(run):
    return load_run(run.folder)[0].weights[0].numpy().flat[0]


def test_the_best_of_all_epochs_is_kept(validate):
    run, logged = validate(0.1, 0.5, 0.4, 0.5, 0.2)
    # It is the average that is kept; of equal ones the first.
    assert marked(run) == 2
    run.best_file.unlink()
    assert marked(run) == 5
    assert [row["val_ap50"] for row in logged] == [0.1, 0.5, 0.4, 0.5, 0.2]


def test_it_comes_every_few_epochs_and_at_the_end(validate):
    _, logged = validate(0.1, 0.2, 0.3, every=2)
    assert ["val_ap50" in row for row in logged] == [False, True, False, True, True]


def test_a_resumed_run_remembers_its_best(validate):
    run, _ = validate(0.1, 0.2, 0.3, 0.2, 0.1, best=0.3)
    assert not run.best_file.exists()
    assert run.last_file.exists()


def test_without_a_val_part_the_last_is_kept(validate):
    run, logged = validate(dataset=None)
    assert marked(run) == 5
    assert all(set(row) == {"loss"} for row in logged)


def test_what_cannot_be_measured_is_not_logged(validate):
    run, logged = validate(None, None, None, None, None)
    assert all(set(row) == {"loss"} for row in logged)
    assert marked(run) == 1


def test_the_model_goes_on_with_its_own_weights(validate, tiny):
    validate(0.1, 0.2, 0.3, 0.4, 0.5)
    assert tiny.weights[0].numpy().flat[0] == -1


def test_it_measures_what_ships(tmp_path, tiny, faces):
    dataset = wider_face.read(faces, "val")
    callback = Validation(Run(tmp_path), dataset, WeightAverage(0.0), 1, 1)
    callback.set_model(tiny)
    metrics = callback._measure().metrics
    assert metrics["images"] == 2
    assert 0 <= metrics["ap50"] <= 1
