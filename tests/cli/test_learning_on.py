"""By which recipe a trained model learns on: its run's, or the one that is named for a file."""

import argparse
import dataclasses
from pathlib import Path

import pytest

from edgedet.cli import learning_on
from edgedet.cli.main import main
from edgedet.errors import UsageError
from edgedet.models import Phantom
from edgedet.training import RECIPES, Recipe


@pytest.fixture(scope="module")
def phantom():
    return Phantom((64, 64))


def asked(recipe=None, data=None):
    return argparse.Namespace(model=Path("given"), recipe=recipe, data=data)


def test_a_run_learns_on_by_its_own_recipe(phantom):
    own = Recipe("phantom", ("faces",), epochs=7)
    assert learning_on.recipe_of(asked(), phantom, own) == own
    elsewhere = learning_on.recipe_of(asked(data=[Path("there")]), phantom, own)
    assert elsewhere == dataclasses.replace(own, data=(str(Path.cwd() / "there"),))


def test_a_file_learns_on_by_a_named_recipe_with_its_own_size_and_classes(phantom):
    found = learning_on.recipe_of(asked("phantom-wider", [Path("faces")]), phantom, None)
    assert found.input_size == (64, 64) and found.classes == ("face",)
    assert (
        found.data == (str(Path.cwd() / "faces"),)
        and found.feeding == RECIPES["phantom-wider"].feeding
    )


@pytest.mark.parametrize(
    ("recipe", "data", "own", "message"),
    [
        (None, [Path("faces")], None, "found a file alone"),
        ("phantom-wider", None, Recipe("phantom"), "found a run and --recipe"),
        ("nexus-coco", [Path("coco")], None, "expected a recipe of phantom"),
        ("phantom-wider", None, None, "expected --data DIR"),
    ],
)
def test_what_is_missing_or_too_much_is_wrong_usage(phantom, recipe, data, own, message):
    with pytest.raises(UsageError, match=message):
        learning_on.recipe_of(asked(recipe, data), phantom, own)


def test_the_commands_ask_for_it(phantom, tmp_path, write_faces, capsys):
    phantom.save(tmp_path / "phantom.keras")
    write_faces(tmp_path / "faces", train=2)
    file = str(tmp_path / "phantom.keras")
    assert main(["prune", file, str(tmp_path / "out"), "--channels", "0.1"]) == 2
    assert "found a file alone" in capsys.readouterr().err
    export = ["export", file, str(tmp_path / "a.tflite"), "--data", str(tmp_path / "faces")]
    assert main([*export, "--qat", "1"]) == 2
    assert "found a file alone" in capsys.readouterr().err
    assert main([*export, "--recipe", "phantom-wider"]) == 2
    assert "--recipe says what --qat fine-tunes by" in capsys.readouterr().err
