"""What commands read from a command line: numbers, sizes, names and paths, or wrong usage."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from pathlib import Path

from edgedet.settings.flags import parse_names, parse_path
from edgedet.settings.sizes import parse_size

# More threads than any processor has, and larger frames than any camera's, end in a crash.
MOST_THREADS, LONGEST_SIDE = 256, 16_384


def count(text: str) -> int:
    """Return a whole number of at least 1."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"expected a whole number, 1 or more, found {text!r}")
    return int(text)


def threads(text: str) -> int:
    """Return a number of CPU threads."""
    value = count(text)
    if value > MOST_THREADS:
        raise ArgumentTypeError(f"expected at most {MOST_THREADS} threads, found {text!r}")
    return value


def share(text: str) -> float:
    """Return a number between 0 and 1."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"expected 0 to 1, found {text!r}")
    return value


def part(text: str) -> float:
    """Return a number above 0 and below 1: neither nothing nor all."""
    value = _number(text)
    if not 0 < value < 1:
        raise ArgumentTypeError(f"expected a number above 0 and below 1, found {text!r}")
    return value


def distance(text: str) -> float:
    """Return a distance in pixels, 0 or more."""
    value = _number(text)
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"expected a distance in pixels, found {text!r}")
    return value


def kelvin(text: str) -> tuple[float, float]:
    """Return the kelvin of one count and of count 0 from `0.01` or `0.04,273.15`."""
    step, _, zero = text.partition(",")
    found = _number(step), _number(zero or "0")
    if not (0 < found[0] < math.inf and math.isfinite(found[1])):
        raise ArgumentTypeError(
            f"expected STEP or STEP,ZERO in kelvin, STEP above 0, found {text!r}"
        )
    return found


def frame_size(text: str) -> tuple[int, int]:
    """Return (height, width) from `640x480`, width first as cameras are named."""
    try:
        size = parse_size(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if max(size) > LONGEST_SIDE:
        raise ArgumentTypeError(f"expected at most {LONGEST_SIDE} pixels a side, found {text!r}")
    return size


def names(text: str) -> tuple[str, ...]:
    """Return the names in `NAME,...`, one at least."""
    found = parse_names(text)
    if not found:
        raise ArgumentTypeError(f"expected names with commas between, found {text!r}")
    return found


def path(text: str) -> Path:
    """Return a path; an empty one, which a script's unset variable is, would mean this folder."""
    return Path(nonempty(text))


def lasting_path(text: str | Path) -> str:
    """Return a path as a recipe keeps it: good from any folder."""
    return parse_path(nonempty(str(text)))


def nonempty(text: str) -> str:
    """Return a text that says something."""
    if not text.strip():
        raise ArgumentTypeError(f"expected a path, found {text!r}")
    return text


def _number(text):
    """Return a number; what is none becomes NaN, which no limit lets pass."""
    try:
        return float(text)
    except ValueError:
        return math.nan
