"""Flags: how the settings of a value are given on a command line."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from edgedet.errors import DataError, UsageError
from edgedet.settings.setting import Settings, flatten, replace
from edgedet.settings.sizes import format_size, parse_size_or_side

# What a value is called in the help.
METAVAR = {int: "N", float: "X", str: "TEXT"}


def add_arguments(parser: argparse.ArgumentParser, settings: Settings, without=()) -> None:
    """Offer every setting as a flag, such as `--learning-rate 0.01`.

    Args:
        parser: What gets the flags.
        settings: Any value of the type; a flag that is not given leaves it as it is.
        without: Flags that the command offers in a way of its own.
    """
    for flag, (_, field) in flatten(settings).items():
        if flag in without:
            continue
        meaning = field.metadata["meaning"] + _usually(flag, field.default)
        parser.add_argument(
            flag,
            dest=flag,
            default=argparse.SUPPRESS,
            help=meaning.replace("%", "%%"),
            **_reading(field),
        )


def from_arguments(settings: Settings, args: argparse.Namespace) -> Settings:
    """Return `settings` with what the user gave.

    Raises:
        UsageError: A setting is out of its limits.
    """
    given = {name: value for name, value in vars(args).items() if name.startswith("--")}
    try:
        return replace(settings, given)
    except DataError as error:
        raise UsageError(str(error)) from error


def to_words(settings: Settings, usual: Settings, without=()) -> list[str]:
    """Return the words of a command line that make `settings` of `usual`: `["--epochs 30", ...]`.

    Args:
        settings: What the words ask for.
        usual: Of the same type; what they need not say.
        without: Flags that the command offers in a way of its own.
    """
    before, after = (_values(value) for value in (usual, settings))
    return [
        _word(flag, after[flag])
        for flag in after
        if after[flag] != before[flag] and flag not in without
    ]


def _values(settings):
    return {flag: getattr(group, field.name) for flag, (group, field) in flatten(settings).items()}


def _word(flag, value):
    """Return a setting as it is given on a command line."""
    if isinstance(value, bool):
        return flag if value else flag.replace("--", "--no-", 1)
    if isinstance(value, tuple):
        number = all(isinstance(part, int) for part in value)
        value = format_size(value) if value and number else ",".join(value)
    elif isinstance(value, float):
        value = f"{value:g}"
    return f"{flag} {shlex.quote(str(value))}"


def _reading(field):
    """Return how argparse reads the setting of a field."""
    if isinstance(field.default, bool):
        return {"action": argparse.BooleanOptionalAction}
    if "size" in field.metadata:
        return {"type": _size, "metavar": "WIDTHxHEIGHT"}
    if "path" in field.metadata:
        return {"type": parse_path, "metavar": "PATH"}
    if isinstance(field.default, tuple):
        return {"type": parse_names, "metavar": "NAME,..."}
    # An empty one stands for what is done by itself; nobody gives it.
    options = [*filter(None, field.metadata.get("options", ()))]
    metavar = "{" + ",".join(options) + "}" if options else METAVAR[type(field.default)]
    return {"type": type(field.default), "metavar": metavar}


def _usually(flag, default):
    """Return what a setting is where neither the recipe nor the user says anything else."""
    if isinstance(default, bool):
        return " (usually on)" if default else ""
    return f" (usually {_word(flag, default).split(' ', 1)[1]})" if default not in ("", ()) else ""


def _size(text: str) -> tuple[int, int]:
    try:
        return parse_size_or_side(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def parse_path(text: str) -> str:
    """Return a path that is good from any folder; an empty one stays empty."""
    return text and str(Path(text).absolute())


def parse_names(text: str) -> tuple[str, ...]:
    """Return the names in `NAME,...`; of a setting, none can mean all."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
