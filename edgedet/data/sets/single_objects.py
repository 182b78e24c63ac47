"""Single objects: a data set seen object by object, to learn what each is called."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.data.record import Dataset


def one_by_one(dataset: Dataset, min_side: float) -> Dataset:
    """Return a data set with a record for each object, which shows its image and names no other.

    Args:
        dataset: Records; ignore regions are no objects.
        min_side: Objects whose longer side is less, in pixels of the image file, are left out.
    """
    records = [record[[place]] for record in dataset.records for place in _places(record, min_side)]
    return dataclasses.replace(dataset, records=records)


def _places(record, min_side):
    longer = (record.boxes[:, 2:] - record.boxes[:, :2]).max(axis=1, initial=0)
    return np.flatnonzero(~record.ignored & (longer >= min_side))
