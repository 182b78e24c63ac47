"""Recognizing how a data folder is laid out, so that users name the folder and no more."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from edgedet.data import coco, coco_layout, mot, voc, wider_face
from edgedet.data.record import Dataset
from edgedet.data.sets.combine import combine
from edgedet.data.shards import layout as shards
from edgedet.data.splits import full_name
from edgedet.errors import DataError


@dataclasses.dataclass(frozen=True)
class Layout:
    """One way to lay out a data set.

    Attributes:
        name: Of the data set that introduced it.
        sign: The files by which it is recognized, for the message when there are none.
        splits: Returns the splits in a folder; none where it has another layout.
        read: Returns one split of a folder.
    """

    name: str
    sign: str
    splits: Callable[[Path], tuple[str, ...]]
    read: Callable[[Path, str], Dataset]


# In the order in which they are tried.
LAYOUTS = (
    Layout(
        "WIDER FACE",
        "wider_face_split/wider_face_{train,val}_bbx_gt.txt",
        wider_face.splits,
        wider_face.read,
    ),
    Layout("COCO", "annotations/instances_{train,val}*.json", coco_layout.splits, coco_layout.read),
    Layout("Pascal VOC", "VOCdevkit/VOC2012/ImageSets/Main/*.txt", voc.splits, voc.read),
    Layout(
        "MOT", "img1/, gt/gt.txt and seqinfo.ini, there or one folder down", mot.splits, mot.read
    ),
    Layout("shards of edgedet", "{train,val}.shards.npz", shards.splits, shards.read),
)


def open_dataset(folder: Path, split: str, classes: Sequence[str] | None = None) -> Dataset:
    """Return one split of a data set in any layout that is known here.

    Args:
        folder: A folder in one of `LAYOUTS`, or one COCO JSON, which is all of its split and
            has its images relative to its folder or to the folder above.
        split: `train` or `val`; the message names the splits when there is no such one.
        classes: Names of the classes to keep, in the order of their labels, or `None` for all.

    Raises:
        DataError: The folder is not there, has no known layout, no such split, no images or
            no such class.
        AnnotationError: An annotation file is damaged.
    """
    folder = Path(folder)
    if not folder.exists():
        raise DataError(f"{folder}: there is no such data folder.\nCheck the path.")
    dataset = _read_file(folder) if folder.is_file() else _read_folder(folder, split)
    _check_images(dataset)
    return dataset if classes is None else combine([dataset], classes)


def splits_of(folder: Path) -> tuple[str, ...]:
    """Return the splits of a data folder by their full names, such as `val2017`.

    Raises:
        DataError: The folder has no known layout.
    """
    return _layout(Path(folder))[1]


def _read_file(path: Path) -> Dataset:
    return coco.read(path, [path.absolute().parent, path.absolute().parent.parent])


def _read_folder(folder: Path, split: str) -> Dataset:
    layout, splits = _layout(folder)
    return layout.read(folder, full_name(split, splits, f"{folder}, in {layout.name}'s layout"))


def _layout(folder: Path) -> tuple[Layout, tuple[str, ...]]:
    """Return the layout of a folder, and its splits."""
    for layout in LAYOUTS:
        splits = layout.splits(folder)
        if splits:
            return layout, splits
    signs = "".join(f"\n  {layout.name}: {layout.sign}" for layout in LAYOUTS)
    raise DataError(
        f"{folder}: expected a data set in a known layout, found none of{signs}\n"
        "Name the folder that holds these, or one COCO JSON."
    )


def _check_images(dataset: Dataset) -> None:
    """Raise where there is nothing to train on or to evaluate."""
    if not len(dataset):
        raise DataError(
            f"{dataset.source}: expected at least one image, found none.\n"
            "Choose another split or download the annotations again."
        )
    if not any(record.image.is_file() for record in dataset.records):
        raise DataError(
            f"{dataset.source}: expected the images it lists, found none of {len(dataset)}, "
            f"not even {dataset[0].image}.\nUnpack the images where the layout has them."
        )
