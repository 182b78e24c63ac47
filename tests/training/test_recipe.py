import argparse
import dataclasses
import json

import pytest

from edgedet.errors import DataError
from edgedet.losses.detection import BOX_LOSSES, CLASS_LOSSES
from edgedet.training import limits
from edgedet.training.recipe import RECIPES, Recipe, add_arguments, from_arguments


def parse(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_it_survives_a_round_trip(tmp_path, name):
    recipe = dataclasses.replace(RECIPES[name], data=("a", "b"), classes=("face",), seed=7)
    path = tmp_path / "recipe.json"
    path.write_text(recipe.to_json())
    assert Recipe.read(path) == recipe


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"model": "x"}', '{"model": "x", "data": [], "clases": []}']
)
def test_what_is_no_recipe_is_named(tmp_path, content):
    path = tmp_path / "recipe.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"recipe\.json: expected the recipe of a run"):
        Recipe.read(path)


def test_an_unknown_or_missing_setting_is_refused(tmp_path):
    path = tmp_path / "recipe.json"
    fields = json.loads(Recipe("phantom").to_json())
    path.write_text(json.dumps({**fields, "colour": "blue"}))
    with pytest.raises(DataError, match="colour"):
        Recipe.read(path)
    with pytest.raises(DataError, match="no-such"):
        Recipe.read(tmp_path / "no-such.json")


def other(value):
    """Return another value of the same kind, and how it is said on the command line."""
    if isinstance(value, bool):
        return not value, None
    if isinstance(value, tuple):
        return ("cat", "dog"), "cat,dog"
    if isinstance(value, str):
        other_name = {"quality_focal": "varifocal", "giou": "diou", "": "other.keras"}[value]
        return other_name, other_name
    nearer = value + 1 if isinstance(value, int) else (value + 1) / 2
    return nearer, str(nearer)


FLAGS = [field.name for field in dataclasses.fields(Recipe) if field.name not in ("model", "data")]


@pytest.mark.parametrize("name", FLAGS)
def test_every_field_is_a_flag(name):
    # The data folders are an option of the command, and the model is the recipe's.
    recipe = RECIPES["phantom-wider"]
    value, word = other(getattr(recipe, name))
    flag = "--" + name.replace("_", "-")
    words = [flag, word] if word else [flag if value else flag.replace("--", "--no-", 1)]
    assert from_arguments(recipe, parse(*words)) == dataclasses.replace(recipe, **{name: value})


def test_what_is_not_said_stays():
    assert from_arguments(RECIPES["phantom-wider"], parse()) == RECIPES["phantom-wider"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, r"--epochs: expected at least 1, found 0\.\n\S"),
        ({"batch_size": -2}, "--batch-size: expected at least 1, found -2"),
        ({"ema_decay": 1.5}, "--ema-decay: expected 0 to 1, found 1.5"),
        ({"learning_rate": float("nan")}, "--learning-rate: .* found nan"),
        ({"zoom_from": 50.0, "zoom_to": 20.0}, "--zoom-from: expected at most --zoom-to, 20"),
        ({"class_loss": "hinge"}, "--class-loss: expected one of focal, .* found hinge"),
        ({"box_loss": "l2"}, "--box-loss: expected one of iou, .* found l2"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(DataError, match=message):
        dataclasses.replace(RECIPES["phantom-wider"], **changes)


def test_every_number_has_its_limits():
    numbers = {
        name for name, value in dataclasses.asdict(Recipe("phantom")).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }  # fmt: skip
    assert set(limits.RANGES) == numbers - {"seed"}
    assert set(limits.CHOICES["class_loss"]) == set(CLASS_LOSSES)
    assert set(limits.CHOICES["box_loss"]) == set(BOX_LOSSES)


@pytest.mark.parametrize("words", [["--epoch-count", "3"], ["--epochs", "three"], ["--epochs"]])
def test_wrong_flags_are_refused(words):
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parse(*words)


def test_every_flag_is_explained():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    text = " ".join(parser.format_help().split())
    assert "Peak" not in text and "Its peak, after the warm-up." in text
    assert "Weight of the past in the averaged weights" in text
    assert all(action.help for action in parser._actions)
