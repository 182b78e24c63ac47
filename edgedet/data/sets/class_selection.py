"""The classes that a user chooses by name, and what is wrong with a wrong name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from edgedet.data.sets.class_names import COCO_SPELLING, canonical
from edgedet.errors import DataError


def choose(classes: Sequence[str], offered: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the chosen classes in COCO's spelling, in the order in which they are named.

    Args:
        classes: Names in any spelling that `canonical` knows.
        offered: The names that the data has.
        source: Where the data comes from, for the message.

    Raises:
        DataError: A class is named twice, or is not offered.
    """
    spellings = [canonical(name) for name in classes]
    known = {canonical(name) for name in offered}
    for place, (name, spelling) in enumerate(zip(classes, spellings, strict=True)):
        if spelling in spellings[:place]:
            raise DataError(
                f"{source}: expected each class once, found {name!r} a second time.\n"
                "Name it once; the spellings of VOC and COCO are one class."
            )
        if spelling not in known:
            raise DataError(
                f"{source}: expected a class named {name!r}, found none.\n"
                f"{_suggestion(spelling, offered)}"
            )
    return tuple(COCO_SPELLING.get(name.lower(), name) for name in classes)


def _suggestion(name, class_names) -> str:
    by_spelling = {canonical(offered): offered for offered in class_names}
    near = difflib.get_close_matches(name, by_spelling, n=3)
    names = [by_spelling[spelling] for spelling in near] or list(class_names[:20])
    rest = "" if near or len(class_names) <= 20 else f" and {len(class_names) - 20} more"
    return f"{'Did you mean' if near else 'It has'} {', '.join(names)}{rest}{'?' if near else '.'}"
