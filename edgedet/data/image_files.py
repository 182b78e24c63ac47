"""Which image files are there: each folder is listed once, not asked file by file.

That a hundred thousand images are there takes a fraction of a second to know this way, also
on a network drive.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

# So many missing images are named; the rest are counted.
NAMED = 3

log = logging.getLogger(__name__)


class ImageFiles:
    """The image files in some folders, found by the names that an annotation file uses."""

    def __init__(self, folders: Sequence[Path]):
        """Search `folders` in their order."""
        self._folders = tuple(folders)
        self._listings = {}

    def find(self, name: str) -> Path | None:
        """Return the first file called `name`, which may hold sub-folders, or None."""
        head, tail = os.path.split(name)
        for folder in self._folders:
            place = folder / head
            if tail in self._listing(place):
                return place / tail
        return None

    def find_all(self, names: Iterable[str], places: Iterable[str]) -> list[Path]:
        """Return the file of each name; missing ones are logged and kept where expected.

        Args:
            names: As in `find`.
            places: Where the annotations name each image, for the log.
        """
        found, missing = [], []
        for name, place in zip(names, places, strict=True):
            path = self.find(name)
            found.append(path or self._folders[0] / name)
            if path is None:
                missing.append(f"{place}: there is no image {name}")
        for line in missing[:NAMED]:
            log.warning("%s", line)
        if missing:
            folders = " or ".join(str(folder) for folder in self._folders)
            log.warning("%d of %d images are not in %s", len(missing), len(found), folders)
        return found

    def _listing(self, folder: Path) -> frozenset[str]:
        if folder not in self._listings:
            try:
                self._listings[folder] = frozenset(os.listdir(folder))
            except OSError:
                self._listings[folder] = frozenset()
        return self._listings[folder]
