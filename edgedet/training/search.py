"""The space of a hyperparameter search: which settings vary, and between what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from edgedet.errors import DataError, UsageError
from edgedet.settings import Settings
from edgedet.settings.setting import flatten, replace

# From this ratio of its ends on, a range is searched by orders of magnitude.
WIDE = 10
# What nearly every training gains from, when the user names nothing.
USUAL = ("learning-rate=0.0005:0.01", "weight-decay=0.0001:0.01", "box-weight=0.5:5")


@dataclasses.dataclass(frozen=True)
class Dimension:
    """One setting that varies.

    Attributes:
        flag: Of the setting, such as `--learning-rate`.
        options: The values to choose from; none for a range.
        low: First value of a range.
        high: Last value of a range.
    """

    flag: str
    options: tuple = ()
    low: float = 0.0
    high: float = 0.0

    def draw(self, trial) -> Any:
        """Return the value that an Optuna trial takes."""
        name = self.flag.removeprefix("--")
        if self.options:
            return trial.suggest_categorical(name, self.options)
        suggest = trial.suggest_int if isinstance(self.low, int) else trial.suggest_float
        wide = self.low > 0 and self.high / self.low >= WIDE
        return suggest(name, self.low, self.high, log=wide)


def parse_space(recipe: Settings, texts: Sequence[str] = ()) -> tuple[Dimension, ...]:
    """Return what the user wants to vary.

    Args:
        recipe: What is searched around; it has the settings.
        texts: Each `FIELD=LOW:HIGH`, `FIELD=VALUE,VALUE...` or, for a setting that is one of
            some names or a switch, just `FIELD`; `USUAL` if none.

    Raises:
        UsageError: There is no such setting, or it cannot take such a value.
    """
    return tuple(_parse(recipe, text) for text in texts or USUAL)


def values_in(recipe: Settings, space: Iterable[Dimension]) -> dict[str, Any]:
    """Return the recipe's own value of each dimension, by its flag."""
    found = flatten(recipe)
    return {each.flag: getattr(found[each.flag][0], found[each.flag][1].name) for each in space}


def _parse(recipe, text):
    name, _, values = text.partition("=")
    flag = "--" + name.strip().removeprefix("--").replace("_", "-")
    settings = flatten(recipe)
    if flag not in settings:
        raise UsageError(
            f"--search {text}: expected a setting of the recipe, found {name!r}.\n"
            "See `edgedet train --help` for all."
        )
    field = settings[flag][1]
    try:
        found = _dimension(flag, field, values)
    except ValueError as error:
        raise UsageError(
            f"--search {text}: expected {name}=LOW:HIGH or {name}=VALUE,VALUE ({error}).\n"
            "Whole numbers for a setting that counts something."
        ) from error
    # Each setting knows its own limits.
    try:
        for value in found.options or (found.low, found.high):
            replace(recipe, {flag: value})
    except DataError as error:
        raise UsageError(f"--search {text}: {error}") from error
    return found


def _dimension(flag, field, values):
    kind = type(field.default)
    if not values:
        options = (False, True) if kind is bool else field.metadata.get("options")
        if options is None:
            raise ValueError("found no values")
        return Dimension(flag, tuple(options))
    if kind not in (int, float, str):
        raise ValueError("that setting is no number and no name")
    if ":" in values and kind is not str:
        low, high = (kind(each) for each in values.split(":"))
        if not low < high:
            raise ValueError(f"{low:g} is not below {high:g}")
        return Dimension(flag, low=low, high=high)
    return Dimension(flag, tuple(kind(each) for each in values.split(",")))
