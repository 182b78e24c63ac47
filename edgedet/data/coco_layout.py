"""A folder as COCO is downloaded: `annotations/instances_<split>.json` and image folders."""

from __future__ import annotations

from pathlib import Path

from edgedet.data import coco
from edgedet.data.record import Dataset
from edgedet.data.splits import full_name

PREFIX = "instances_"


def splits(root: Path) -> tuple[str, ...]:
    """Return the splits, such as `val2017`, that `root` has annotations for."""
    found = sorted((Path(root) / "annotations").glob(f"{PREFIX}*.json"))
    return tuple(path.stem.removeprefix(PREFIX) for path in found)


def read(root: Path, split: str) -> Dataset:
    """Return one split of a folder in the official layout.

    Args:
        root: Folder with `annotations`.
        split: A split by its full name, or without what follows it: `val` is `val2017`.

    Raises:
        DataError: The folder has no such split, or several that `split` may mean.
        AnnotationError: The JSON is damaged.
    """
    name = full_name(split, splits(root), f"{root}/annotations")
    return coco.read(Path(root) / "annotations" / f"{PREFIX}{name}.json", root)
