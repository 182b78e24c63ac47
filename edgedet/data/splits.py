"""Splits: which images of a data set are there to train on, and which to evaluate on.

Every layout asks here what the name of a split means, so that `val` is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from edgedet.errors import DataError

TRAIN, VAL = "train", "val"
SPLITS = (TRAIN, VAL)


def full_name(split: str, offered: Iterable[str], place: str) -> str:
    """Return the one offered split that is meant.

    Args:
        split: Its full name, or without what follows it: `val` is also `val2017` and `val_2`, but
            never another word, such as `valminusmini`.
        offered: The full names of those that are there.
        place: Where they are, for the message.

    Raises:
        DataError: There is no such split, or several that may be meant.
    """
    offered = list(offered)
    meant = [name for name in offered if re.fullmatch(f"{re.escape(split)}([^a-zA-Z].*)?", name)]
    if split in offered:
        return split
    if len(meant) != 1:
        raise DataError(
            f"{place}: expected split {split!r} once, found "
            f"{', '.join(meant or offered) or 'none'}.\nChoose one of them by its full name."
        )
    return meant[0]


def image_folders(roots: Sequence[Path], stem: str) -> list[Path]:
    """Return where to look for the images of an annotation file called `stem`.

    Two splits may use one name for two images, so `instances_val2017` is not looked for in
    `train2017` as long as a `val*` folder is there.
    """
    folders = []
    for root in roots:
        inside = [path for split in SPLITS for path in root.glob(f"{split}*") if path.is_dir()]
        fitting = [path for path in inside if _fit(path.name, stem)]
        ordered = sorted(fitting or inside, key=lambda path: (-_fit(path.name, stem), path.name))
        folders += [*ordered, root]
    return folders


def _fit(folder: str, stem: str) -> int:
    """Return 0 where a folder is of another split, more the better its name fits."""
    if folder in stem:
        return len(folder)
    return int(any(folder.startswith(split) and split in stem for split in SPLITS))
