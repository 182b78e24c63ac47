"""Choosing some classes of a data set, in an order of one's own."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence

import numpy as np

from edgedet.data.class_names import COCO_SPELLING, canonical
from edgedet.data.record import Dataset, Record
from edgedet.errors import DataError


def select_classes(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """Return `dataset` with only `classes`, labelled in the order they are named.

    Objects of other classes are left out, so they count as background; images are all kept.

    Args:
        dataset: What an annotation file says.
        classes: Class names in any spelling that `canonical` knows; VOC's become COCO's.

    Raises:
        DataError: A class is named twice, or the data set has none of that name.
    """
    wanted = [canonical(name) for name in classes]
    offered = [canonical(name) for name in dataset.class_names]
    _check(dataset, classes, wanted, offered)
    # Two classes of the data may be one here: `sofa` and `couch`.
    new_label = np.array([wanted.index(n) if n in wanted else -1 for n in offered], "int32")
    return dataclasses.replace(
        dataset,
        records=[_relabel(record, new_label) for record in dataset.records],
        class_names=tuple(COCO_SPELLING.get(name.lower(), name) for name in classes),
        category_ids=tuple(dataset.category_ids[offered.index(name)] for name in wanted),
    )


def _relabel(record: Record, new_label: np.ndarray) -> Record:
    labels = new_label[record.labels]
    kept = labels >= 0
    return dataclasses.replace(
        record,
        boxes=record.boxes[kept],
        labels=labels[kept],
        ignored=record.ignored[kept],
        areas=None if record.areas is None else record.areas[kept],
    )


def _check(dataset, classes, wanted, offered):
    for place, (name, spelling) in enumerate(zip(classes, wanted, strict=True)):
        if spelling in wanted[:place]:
            raise DataError(
                f"{dataset.source}: expected each class once, found {name!r} a second time.\n"
                "Name it once; the spellings of VOC and COCO are one class."
            )
        if spelling not in offered:
            raise DataError(
                f"{dataset.source}: expected a class named {name!r}, found none.\n"
                f"{_suggestion(spelling, dataset.class_names)}"
            )


def _suggestion(name, class_names) -> str:
    by_spelling = {canonical(offered): offered for offered in class_names}
    near = difflib.get_close_matches(name, by_spelling, n=3)
    names = [by_spelling[spelling] for spelling in near] or list(class_names[:20])
    rest = "" if near or len(class_names) <= 20 else f" and {len(class_names) - 20} more"
    return f"{'Did you mean' if near else 'It has'} {', '.join(names)}{rest}{'?' if near else '.'}"
