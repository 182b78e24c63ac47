"""Several data sets as one."""

from __future__ import annotations

from collections.abc import Sequence

from edgedet.data.record import Dataset
from edgedet.errors import DataError


def combine(datasets: Sequence[Dataset]) -> Dataset:
    """Return the records of all data sets, which must name the same classes.

    Raises:
        DataError: Their classes differ.
    """
    first = datasets[0]
    for other in datasets[1:]:
        if other.class_names != first.class_names:
            raise DataError(
                f"{other.source}: expected the classes {', '.join(first.class_names)} as in "
                f"{first.source}, found {', '.join(other.class_names)}.\n"
                "Choose common classes with --classes."
            )
    records = [record for dataset in datasets for record in dataset.records]
    source = ", ".join(dataset.source for dataset in datasets)
    return Dataset(records, first.class_names, first.category_ids, source)
