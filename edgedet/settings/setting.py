"""One setting: its default, what it may be, and what it means, said in one place.

From this the command line makes its flags and their help, and every value checks itself before
anything is read or written.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

from edgedet.errors import DataError


def number(default, low, high, meaning):
    """Return a field for a number of `low` to `high`, both included; whole if the default is."""
    return _field(default, meaning, low=low, high=high)


def choice(default, options, meaning):
    """Return a field for one of some names."""
    return _field(default, meaning, options=tuple(options))


def switch(default, meaning):
    """Return a field for yes or no."""
    return _field(default, meaning)


def text(default, meaning):
    """Return a field for any text."""
    return _field(default, meaning)


def path(meaning):
    """Return a field for a path, none by default; on the command line it becomes absolute."""
    return _field("", meaning, path=True)


def size(default, meaning):
    """Return a field for a (height, width) in pixels; on the command line 320 or 320x240."""
    return _field(default, meaning, size=True)


def names(meaning):
    """Return a field for any number of names; none by default."""
    return _field((), meaning)


def _field(default, meaning, **limits):
    return dataclasses.field(default=default, metadata={"meaning": meaning, **limits})


@dataclasses.dataclass(frozen=True)
class Settings:
    """Base of all groups of settings; groups may hold groups.

    Attributes:
        prefix: First part of the group's flags.

    Raises:
        DataError: A setting is out of its limits.
    """

    prefix: ClassVar[str] = ""

    def __post_init__(self):
        for field in dataclasses.fields(self):
            self._check(field, getattr(self, field.name))

    def flag(self, name: str) -> str:
        """Return the flag that sets the field `name`, such as `--zoom-probability`."""
        words = [self.prefix, name] if self.prefix else [name]
        return "--" + "-".join(words).replace("_", "-")

    def refuse(self, name: str, expected: str) -> DataError:
        """Return the error that says what was expected of the field `name`."""
        return DataError(
            f"{self.flag(name)}: expected {expected}, found {getattr(self, name)}.\n"
            "See `edgedet train --help`."
        )

    def _check(self, field, value):
        if "low" in field.metadata:
            self._check_number(field, value)
        if "size" in field.metadata and not (len(value) == 2 and min(value) > 0):
            raise self.refuse(field.name, "a height and a width of at least 1 pixel")
        options = field.metadata.get("options")
        if options is not None and value not in options:
            raise self.refuse(field.name, f"one of {', '.join(options)}")

    def _check_number(self, field, value):
        low, high = field.metadata["low"], field.metadata["high"]
        # NaN is neither below nor above a limit, and infinity is where there is none.
        if not (math.isfinite(value) and low <= value <= high):
            span = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
            raise self.refuse(field.name, span)


def flatten(settings: Settings) -> dict[str, tuple[Settings, Any]]:
    """Return `{flag: (the group that holds it, its field)}` of a value and all groups in it."""
    found = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, Settings):
            found |= flatten(value)
        else:
            found[settings.flag(field.name)] = (settings, field)
    return found


def replace(settings: Settings, changes: dict[str, Any]) -> Settings:
    """Return `settings` with the values of `changes`, which are named by their flags."""
    own = {}
    for field in dataclasses.fields(settings):
        value, flag = getattr(settings, field.name), settings.flag(field.name)
        if isinstance(value, Settings):
            own[field.name] = replace(value, changes)
        elif flag in changes:
            own[field.name] = changes[flag]
    return dataclasses.replace(settings, **own)


def from_json(default: Settings, fields: dict[str, Any]) -> Settings:
    """Return the settings that `dataclasses.asdict` and JSON made `fields` from.

    Args:
        default: Any value of the same type, which tells the types of the fields.
        fields: By name; what an older version did not have yet keeps its default, which does
            what that version did.

    Raises:
        ValueError: A field is unknown.
    """
    unknown = fields.keys() - {field.name for field in dataclasses.fields(default)}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    values = {}
    for name, value in fields.items():
        kind = getattr(default, name)
        if isinstance(kind, Settings):
            value = from_json(kind, value)
        values[name] = tuple(value) if isinstance(kind, tuple) else value
    return type(default)(**values)
