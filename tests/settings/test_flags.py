import argparse
from pathlib import Path

import pytest

from edgedet.errors import UsageError
from edgedet.settings import Settings
from edgedet.settings.flags import add_arguments, from_arguments
from edgedet.settings.setting import flatten, replace
from edgedet.training.recipe import Recipe


def parser_of(settings, **options):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser, settings, **options)
    return parser


def other(field, value):
    """Return another value of the same kind, and how it is said on the command line."""
    if isinstance(value, bool):
        return not value, None
    if "size" in field.metadata:
        return (24, 32), "32x24"
    if "path" in field.metadata:
        return f"{Path.cwd()}/a/b", "a/b"
    if isinstance(value, tuple):
        return ("cat", "dog"), "cat, dog"
    if isinstance(value, str):
        chosen = field.metadata.get("options", ("other",))[-1]
        return chosen, chosen
    nearer = value + 1 if isinstance(value, int) else (value + field.metadata["low"] + 1) / 2
    return nearer, str(nearer)


@pytest.mark.parametrize("flag", flatten(Recipe()))
def test_every_setting_of_a_recipe_is_a_flag(flag):
    recipe = Recipe()
    group, field = flatten(recipe)[flag]
    value, word = other(field, getattr(group, field.name))
    words = [flag, word] if word else [flag if value else flag.replace("--", "--no-", 1)]
    found = from_arguments(recipe, parser_of(recipe).parse_args(words))
    assert found == replace(recipe, {flag: value})
    assert isinstance(found, Settings)


def test_a_path_that_is_none_stays_none():
    recipe = Recipe(initial="/a")
    args = parser_of(recipe).parse_args(["--initial", ""])
    assert from_arguments(recipe, args).initial == ""


def test_a_square_is_one_side():
    recipe = Recipe()
    args = parser_of(recipe).parse_args(["--input-size", "64"])
    assert from_arguments(recipe, args).input_size == (64, 64)


def test_what_is_not_said_stays():
    recipe = Recipe("nexus", epochs=3)
    assert from_arguments(recipe, parser_of(Recipe()).parse_args([])) == recipe


@pytest.mark.parametrize(
    "words",
    [
        ["--epoch-count", "3"],
        ["--epochs", "three"],
        ["--epochs"],
        ["--input-size", "1x2x3"],
        ["--data", "x"],
    ],
)
def test_wrong_flags_are_refused(words):
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parser_of(Recipe(), without=("--data",)).parse_args(words)


@pytest.mark.parametrize("words", [["--epochs", "0"], ["--learning-rate", "inf"]])
def test_what_is_out_of_its_limits_is_wrong_usage(words):
    with pytest.raises(UsageError, match=f"^{words[0]}: expected at least "):
        from_arguments(Recipe(), parser_of(Recipe()).parse_args(words))


def test_every_flag_is_explained():
    parser = parser_of(Recipe())
    text = " ".join(parser.format_help().split())
    assert "Its peak, after the warm-up." in text
    assert "{iou,giou,diou,ciou}" in text
    assert all(action.help for action in parser._actions)


def test_what_is_done_by_itself_is_no_option():
    text = parser_of(Recipe()).format_help()
    assert "--fusion {context,place,constant,mixing,none}" in text
