import argparse
import shlex
import sys
from pathlib import Path

import pytest

from edgedet.cli.main import main
from edgedet.settings.flags import add_arguments, from_arguments, to_words
from edgedet.training import RECIPES, Recipe, fit
from edgedet.training.recipes import MEASURED, PURPOSE


@pytest.fixture
def trained(monkeypatch):
    """Record what the command would train."""
    calls = []
    module = sys.modules[fit.__module__]
    monkeypatch.setattr(module, "fit", lambda *args: calls.append(args))
    return calls


def test_a_recipe_with_changes(trained, tmp_path):
    out = tmp_path / "run"
    words = ["--data", "a", "--data", "b", "--epochs", "7", "--no-cache", "--classes", "face"]
    assert main(["train", "phantom-wider", "--out", str(out), *words]) == 0
    ((recipe, folder, resume),) = trained
    # Found again from any folder.
    assert recipe.data == tuple(str(Path.cwd() / name) for name in "ab")
    assert (recipe.epochs, recipe.feeding.cache) == (7, False)
    assert recipe.classes == ("face",)
    assert recipe.optimization == RECIPES["phantom-wider"].optimization
    assert (folder, resume) == (out, False)


@pytest.mark.parametrize(("words", "epochs"), [([], 150), (["--epochs", "200"], 200)])
def test_a_resumed_run_keeps_its_settings(trained, tmp_path, words, epochs):
    begun = Recipe("phantom", ("faces",), input_size=(64, 64), epochs=150, batch_size=9)
    (tmp_path / "recipe.json").write_text(begun.to_json())
    assert main(["train", "phantom-wider", "--out", str(tmp_path), "--resume", *words]) == 0
    ((recipe, _, resume),) = trained
    assert (recipe.data, recipe.input_size, recipe.batch_size) == (("faces",), (64, 64), 9)
    assert recipe.epochs == epochs
    assert resume


def test_a_run_is_resumed_by_a_recipe_of_its_model(trained, tmp_path, capsys):
    (tmp_path / "recipe.json").write_text(Recipe("tiny").to_json())
    assert main(["train", "phantom-wider", "--out", str(tmp_path), "--resume"]) == 2
    assert "expected a run of phantom, as phantom-wider is, found one of tiny" in (
        capsys.readouterr().err
    )
    assert not trained


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--data", "a", "--out", "r", "--epochs", "0"], 2, "--epochs: expected at least 1"),
        (["--data", "a", "--out", "r", "--input-size", "100"], 1, "multiples of 32"),
        (["--data", "a"], 2, "--out RUN"),
        (["--out", "r"], 2, "--data DIR"),
        (["--out", "no-run", "--resume"], 1, "expected the recipe of a run"),
        (["--data", "a", "--out", "r", "--colour", "blue"], 2, "--colour"),
    ],
)
def test_wrong_usage(faces, tmp_path, monkeypatch, capsys, words, status, message):
    monkeypatch.chdir(tmp_path)
    words = [str(faces) if word == "a" else word for word in words]
    assert main(["train", "phantom-wider", *words]) == status
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_the_recipes_are_listed_with_what_they_measured(capsys):
    assert main(["train", "--list"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for name in RECIPES:
        assert name in said and PURPOSE[name] in said and MEASURED[name] in said


def test_the_listed_words_make_the_recipe_of_the_usual_one():
    for recipe in RECIPES.values():
        words = to_words(recipe, Recipe(), without=("--data", "--model"))
        parser = argparse.ArgumentParser()
        add_arguments(parser, Recipe(), without=("--data", "--model"))
        args = parser.parse_args(shlex.split(" ".join(words)))
        assert from_arguments(Recipe(recipe.model), args) == recipe
