import csv
import dataclasses
import logging

import pytest

from edgedet.cli.main import main
from edgedet.errors import DataError
from edgedet.training import RECIPES, Recipe
from edgedet.training.search import parse_space

optuna = pytest.importorskip("optuna", reason="pip install 'edgedet[tune]' to search")
from edgedet.training import tune as module  # noqa: E402


class Run:
    """A run whose AP50 is its learning rate."""

    def __init__(self, recipe):
        self.recipe = recipe

    def read_history(self):
        rate = self.recipe.optimization.learning_rate
        return [{"epoch": 1.0}, {"epoch": 2.0, "val_ap50": rate}, {"epoch": 3.0, "val_ap50": 0.0}]


@pytest.fixture
def fitted(monkeypatch):
    """Record what is trained, without training it."""
    recipes = {}

    def fit(recipe, out, observers):
        recipes[out.name] = recipe
        return Run(recipe)

    monkeypatch.setattr(module, "fit", fit)
    monkeypatch.setattr(module, "open_datasets", lambda recipe: ("train", "val"))
    return recipes


SPACE = parse_space(Recipe(), ["learning-rate=0.001:0.1", "assigner=center,simota"])


def test_the_recipe_is_the_first_trial_and_the_best_is_found(fitted, tmp_path):
    recipe = Recipe(seed=3)
    study = module.tune(recipe, SPACE, tmp_path, 6)
    assert list(fitted) == [f"trial-{number:04d}" for number in range(6)]
    assert fitted["trial-0000"] == recipe
    rates = [each.optimization.learning_rate for each in fitted.values()]
    assert len(set(rates)) == 6 and study.best_trial.number == rates.index(max(rates))
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    assert [float(row["val_ap50"]) for row in rows] == sorted(rates, reverse=True)
    assert rows[0].keys() == {"trial", "val_ap50", "state", "learning-rate", "assigner"}


def test_values_that_do_not_go_together_end_only_their_trial(fitted, tmp_path):
    # A batch of 6 or 10 has no four equal parts.
    space = parse_space(Recipe(), ["batch-size=6,8,10", "accumulate=1,4"])
    study = module.tune(Recipe(batch_size=8, seed=1), space, tmp_path, 8)
    assert len(study.trials) == 8
    pruned = [each.params for each in study.trials if each.value is None]
    assert pruned and all(p["batch-size"] != 8 and p["accumulate"] == 4 for p in pruned)
    assert len(fitted) == 8 - len(pruned)


def test_a_search_goes_on_and_is_the_same_again(fitted, tmp_path):
    module.tune(Recipe(), SPACE, tmp_path / "a", 2)
    module.tune(Recipe(), SPACE, tmp_path / "a", 2)
    assert len(fitted) == 2
    module.tune(Recipe(), SPACE, tmp_path / "a", 4)
    assert len(fitted) == 4
    first = dict(fitted)
    module.tune(Recipe(), SPACE, tmp_path / "b", 2)
    assert fitted == first


def test_a_folder_holds_one_search(fitted, tmp_path):
    module.tune(Recipe(), SPACE, tmp_path, 1)
    with pytest.raises(DataError, match="--batch-size: expected 32"):
        module.tune(Recipe(batch_size=8), SPACE, tmp_path, 2)


def test_without_a_val_part_there_is_nothing_to_choose_by(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "read_history", lambda run: [{"epoch": 1.0}])
    recipe = Recipe(data=("faces",))
    with pytest.raises(DataError, match="faces: expected a val part"):
        module.tune(recipe, SPACE, tmp_path, 1)


def test_data_that_cannot_be_used_is_told_before_anything_is_written(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="nowhere: there is no such data folder"):
        module.tune(Recipe(data=(str(tmp_path / "nowhere"),)), SPACE, tmp_path / "s", 1)
    monkeypatch.setattr(module, "open_datasets", lambda recipe: ("train", None))
    with pytest.raises(DataError, match="faces: expected a val part"):
        module.tune(Recipe(data=("faces",)), SPACE, tmp_path / "s", 1)
    assert not (tmp_path / "s").exists()


def test_a_trial_worse_than_half_of_the_others_ends_early(tmp_path):
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.MedianPruner(1))
    judged = []

    def measure(trial, value):
        judge = module.Judge(trial)
        judge.on_epoch_end(0, {"loss": 1.0})
        judge.on_epoch_end(1, {"val_ap50": value})
        judged.append(value)
        return value

    for value in (0.5, 0.6, 0.1, 0.7):
        study.optimize(lambda trial, value=value: measure(trial, value), n_trials=1)
    assert judged == [0.5, 0.6, 0.7]


@pytest.mark.slow
def test_the_command_trains_and_names_the_best(faces, tmp_path, monkeypatch, capsys, caplog):
    base = Recipe("tiny", input_size=(64, 64), epochs=1, batch_size=2)
    monkeypatch.setitem(RECIPES, "tiny", dataclasses.replace(base, evaluate_every=1))
    words = ["--search", "learning-rate=0.001:0.01", "--trials", "2"]
    with caplog.at_level(logging.INFO):
        status = main(["tune", "tiny", "--data", str(faces), "--out", str(tmp_path / "s"), *words])
    assert status == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("AP50 0.") and "--learning-rate 0.00" in first
    assert second == str(tmp_path / "s" / "trials.csv")
    assert "trial 0: --learning-rate 0.003" in caplog.text
    assert (tmp_path / "s" / "trial-0001" / "best.keras").is_file()
