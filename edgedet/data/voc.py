"""Pascal VOC: one XML file for each image, and lists of the images of each split.

Everingham et al. 2010, http://host.robots.ox.ac.uk/pascal/VOC/
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from edgedet.data.image_files import ImageFiles
from edgedet.data.record import Dataset, Record
from edgedet.data.splits import full_name
from edgedet.errors import AnnotationError

CLASS_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
)  # fmt: skip
# Corners of a box: 1 is the first pixel of a row, and the last one is still inside.
CORNERS = ("xmin", "ymin", "xmax", "ymax")

log = logging.getLogger(__name__)


def splits(root: Path) -> tuple[str, ...]:
    """Return the splits, such as `train`, of the one VOC year in `root`; none for other data."""
    year = _year(Path(root))
    return () if year is None else tuple(path.stem for path in _lists(year))


def read(root: Path, split: str) -> Dataset:
    """Return one split of a folder in the official layout.

    Classes are VOC's twenty or, where the XML files name others, all that they name, in
    alphabetical order. Difficult objects are ignore regions, as VOC's own evaluation has it. Boxes
    are clipped to their image; those without width or height are dropped and counted in the log.

    Args:
        root: Folder with `VOCdevkit/VOC2012`, or another year.
        split: A list in `ImageSets/Main`, such as `train`, `val` or `trainval`.

    Raises:
        DataError: There is no such list.
        AnnotationError: An XML file is missing or damaged.
    """
    year = _year(Path(root))
    lists = {path.stem: path for path in _lists(year)} if year else {}
    split = full_name(split, lists, f"{root}/VOCdevkit/VOC2012/ImageSets/Main")
    names = {path: _image_names(path) for path in lists.values()}
    every = sorted({name for listed in names.values() for name in listed})
    annotations = {name: _Annotation.read(year / "Annotations" / f"{name}.xml") for name in every}
    classes = _class_names(annotations.values())
    records = _records(year, lists[split], annotations, classes)
    return Dataset(records, classes, tuple(range(1, len(classes) + 1)), str(lists[split]))


def _year(root: Path) -> Path | None:
    """Return the folder of the newest year in `root`."""
    years = [path for path in (root / "VOCdevkit").glob("VOC*") if _lists(path)]
    return max(years, key=lambda path: path.name, default=None)


def _lists(year: Path) -> list[Path]:
    # Lists such as `cat_train.txt` say which images hold cats: they are no splits.
    found = sorted((year / "ImageSets" / "Main").glob("*.txt"))
    return [path for path in found if "_" not in path.stem]


def _image_names(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [line.split()[0] for line in lines if line.strip()]


def _class_names(annotations: Iterable[_Annotation]) -> tuple[str, ...]:
    found = {name for annotation in annotations for name in annotation.names}
    return CLASS_NAMES if found <= set(CLASS_NAMES) else tuple(sorted(found))


def _records(year, path, annotations, classes) -> list[Record]:
    listed = _image_names(path)
    files = ImageFiles([year / "JPEGImages"]).find_all(
        [annotations[name].image for name in listed],
        [f"{path}: {name}" for name in listed],
    )
    labels = {name: label for label, name in enumerate(classes)}
    records, dropped = [], 0
    for number, (name, image) in enumerate(zip(listed, files, strict=True)):
        found = annotations[name]
        sized = (found.boxes[:, 2:] > found.boxes[:, :2]).all(axis=1)
        dropped += int((~sized).sum())
        record = Record(
            image=image,
            boxes=found.boxes,
            labels=np.array([labels[name] for name in found.names], "int32"),
            ignored=found.difficult,
            image_id=number,
        )
        records.append(record[sized])
    if dropped:
        log.info("%s: dropped %d boxes without width or height", path.name, dropped)
    return records


class _Annotation:
    """What one XML file says: the file of its image, and boxes, names and difficulties."""

    def __init__(self, path: Path, root: ElementTree.Element):
        objects = root.findall("object")
        self.image = _text(root, "filename") or f"{path.stem}.jpg"
        self.names = tuple(_text(found, "name") for found in objects)
        self.difficult = np.array([_text(found, "difficult") == "1" for found in objects], bool)
        corners = [[_number(found, f"bndbox/{name}") for name in CORNERS] for found in objects]
        boxes = np.array(corners, "float64").reshape(-1, 4) - [1, 1, 0, 0]
        for place, (name, box) in enumerate(zip(self.names, boxes, strict=True)):
            if not name or not np.isfinite(box).all():
                raise _unfit(path, place, objects[place])
        sides = [_number(root, f"size/{side}") for side in ("width", "height")]
        limit = [side if side > 0 else math.inf for side in sides]
        self.boxes = np.clip(boxes, 0, np.tile(limit, 2)).astype("float32")

    @classmethod
    def read(cls, path: Path) -> _Annotation:
        try:
            root = ElementTree.parse(path).getroot()
        except (OSError, ElementTree.ParseError) as error:
            raise AnnotationError(
                f"{path}: expected the XML of an annotated image, found none ({error}).\n"
                "Download it again, or take its image off the lists in ImageSets/Main."
            ) from error
        return cls(path, root)


def _text(element, name) -> str:
    return (element.findtext(name) or "").strip()


def _number(element, path) -> float:
    """Return the number in a sub-element; NaN where there is none."""
    try:
        return float(_text(element, path))
    except ValueError:
        return math.nan


def _unfit(path, place, element) -> AnnotationError:
    found = " ".join(ElementTree.tostring(element, encoding="unicode").split())
    return AnnotationError(
        f"{path}: object {place + 1}: expected a name and a bndbox of four numbers, found "
        f"{found if len(found) <= 120 else found[:120] + '...'}.\n"
        "Repair it or download the file again."
    )
