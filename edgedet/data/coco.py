"""COCO JSON: images, categories and annotations in three lists that refer to each other.

Lin et al. 2014, https://arxiv.org/abs/1405.0312, format: https://cocodataset.org/#format-data
HIT-UAV (Suo et al. 2023, https://arxiv.org/abs/2204.03245) calls some of the keys differently.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgedet.data import coco_json
from edgedet.data.coco_json import number
from edgedet.data.image_files import ImageFiles
from edgedet.data.record import Dataset, Record
from edgedet.data.splits import image_folders

# In the order of their category ids.
CLASS_NAMES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip

log = logging.getLogger(__name__)


def read(annotations: Path, images: Path | Sequence[Path]) -> Dataset:
    """Return what a COCO JSON says about its images.

    Labels count from 0 in the order of the category ids. Crowds are ignore regions. Boxes are
    clipped to their image; those without width or height inside it are dropped and counted in
    the log. Images that are not there are logged, and their records kept.

    Args:
        annotations: A JSON such as `instances_val2017.json`.
        images: Where the images are: a folder, or several in the order of the search. In each,
            the sub-folders `train*` or `val*` that fit the name of the JSON come first.

    Raises:
        AnnotationError: The file is no COCO JSON, is damaged, or contradicts itself.
    """
    path = Path(annotations)
    content = coco_json.load(path)
    labels, names = _categories(path, content.categories)
    entries = _images(path, content.images)
    table = _objects(path, content.annotations, list(entries), labels)
    folders = [Path(images)] if isinstance(images, (str, Path)) else [Path(i) for i in images]
    files = ImageFiles(image_folders(folders, path.stem)).find_all(
        [_file_name(entry) for entry in entries.values()],
        [f"{path}: image {image_id}" for image_id in entries],
    )
    scored = any("score" in entry for entry in content.annotations)
    records = _records(path, table, entries, files, scored)
    return Dataset(records, names, tuple(labels), str(path))


def _file_name(entry: dict) -> str:
    return entry["file_name"] if "file_name" in entry else entry["filename"]


def _categories(path, entries) -> tuple[dict[int, int], tuple[str, ...]]:
    """Return the label of each category id, in ascending order of the ids, and the names."""
    names = {}
    for place, entry in enumerate(entries):
        if not (isinstance(entry.get("id"), int) and isinstance(entry.get("name"), str)):
            raise coco_json.unfit(path, "categories", place, "a whole `id` and a `name`", entry)
        if entry["id"] in names:
            raise coco_json.unfit(path, "categories", place, "an id of its own", entry)
        names[entry["id"]] = entry["name"]
    ordered = sorted(names)
    labels = {category_id: label for label, category_id in enumerate(ordered)}
    return labels, tuple(names[category_id] for category_id in ordered)


def _images(path, entries) -> dict[int, dict]:
    """Return the image entries by their ids, in the order of the file."""
    by_id = {}
    for place, entry in enumerate(entries):
        name = entry.get("file_name", entry.get("filename"))
        if not (isinstance(entry.get("id"), int) and isinstance(name, str) and name):
            raise coco_json.unfit(path, "images", place, "a whole `id` and a `file_name`", entry)
        if entry["id"] in by_id:
            raise coco_json.unfit(path, "images", place, "an id of its own", entry)
        if not all(number(entry.get(side) or 0) for side in ("width", "height")):
            raise coco_json.unfit(path, "images", place, "numbers as its sides", entry)
        by_id[entry["id"]] = entry
    return by_id


def _objects(path, entries, image_ids, labels) -> np.ndarray:
    """Return float64 `[A, 9]`: place of the image, label, crowd, x1, y1, x2, y2, area, score.

    The score is how sure a teacher network was; what people have drawn has none and counts as 1.
    """
    places = {image_id: place for place, image_id in enumerate(image_ids)}
    rows = []
    for entry in entries:
        try:
            x, y, width, height = entry["bbox"]
            row = (
                places[entry["image_id"]],
                labels[entry["category_id"]],
                bool(entry.get("iscrowd", 0)),
                *(x, y, x + width, y + height),
                entry.get("area", width * height),
                entry.get("score", 1.0),
            )
            # Sums of anything but numbers fail or are not finite.
            fits = math.isfinite(sum(row))
        except (KeyError, TypeError, ValueError, OverflowError):
            fits = False
        if not fits:
            raise coco_json.unfit_annotation(path, len(rows), entry, places, labels)
        rows.append(row)
    return np.array(rows, "float64").reshape(-1, 9)


def _records(path, table, entries, files, scored) -> list[Record]:
    """Return one record per image entry, from the rows of `_objects`."""
    limits = np.array([[_side(e, "width"), _side(e, "height")] for e in entries.values()])
    place = table[:, 0].astype("int64")
    limit = np.tile(limits.reshape(-1, 2)[place], 2)
    boxes = np.clip(table[:, 3:7], 0, limit)
    sized = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    if not sized.all():
        dropped = int((~sized).sum())
        log.info("%s: dropped %d boxes without width or height", path.name, dropped)
    chosen = np.flatnonzero(sized)
    chosen = chosen[np.argsort(place[chosen], kind="stable")]
    ends = np.searchsorted(place[chosen], np.arange(len(entries) + 1))
    columns = {
        "boxes": boxes[chosen].astype("float32"),
        "labels": table[chosen, 1].astype("int32"),
        "ignored": table[chosen, 2].astype(bool),
        "areas": table[chosen, 7].astype("float32"),
    }
    if scored:
        columns["scores"] = table[chosen, 8].astype("float32")
    return [
        Record(
            image=file,
            image_id=image_id,
            dataset=str(entry.get("dataset", "")),
            size=_size(entry),
            **{name: column[start:end] for name, column in columns.items()},
        )
        for (image_id, entry), file, start, end in zip(
            entries.items(), files, ends[:-1], ends[1:], strict=True
        )
    ]


def _size(entry) -> tuple[int, int] | None:
    height, width = _side(entry, "height"), _side(entry, "width")
    return (round(height), round(width)) if math.isfinite(height + width) else None


def _side(entry, name) -> float:
    """Return the width or height of an image; infinite where the entry does not know it."""
    side = entry.get(name)
    return float(side) if number(side) and side > 0 else math.inf
