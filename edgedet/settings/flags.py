"""Flags: how the settings of a value are given on a command line."""

from __future__ import annotations

import argparse

from edgedet.settings.setting import Settings, flatten, replace


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
        parser.add_argument(
            flag,
            dest=flag,
            default=argparse.SUPPRESS,
            help=field.metadata["meaning"].replace("%", "%%"),
            **_reading(field),
        )


def from_arguments(settings: Settings, args: argparse.Namespace) -> Settings:
    """Return `settings` with what the user gave.

    Raises:
        DataError: A setting is out of its limits.
    """
    given = {name: value for name, value in vars(args).items() if name.startswith("--")}
    return replace(settings, given)


def _reading(field):
    """Return how argparse reads the setting of a field."""
    if isinstance(field.default, bool):
        return {"action": argparse.BooleanOptionalAction}
    if "size" in field.metadata:
        return {"type": _size, "metavar": "HEIGHTxWIDTH"}
    if isinstance(field.default, tuple):
        return {"type": _names, "metavar": "NAME,..."}
    # An empty one stands for what is done by itself; nobody gives it.
    options = [*filter(None, field.metadata.get("options", ()))]
    metavar = "{" + ",".join(options) + "}" if options else None
    return {"type": type(field.default), "metavar": metavar}


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _size(text: str) -> tuple[int, int]:
    sides = [int(side) for side in text.lower().split("x")]
    if len(sides) > 2:
        raise ValueError(text)
    return sides[0], sides[-1]
