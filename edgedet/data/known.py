"""What each set of a combined view labels, where its annotations do not say it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from edgedet.data.class_names import new_labels
from edgedet.data.class_selection import choose
from edgedet.data.record import Dataset
from edgedet.errors import DataError


def with_known(dataset: Dataset, labelled: Mapping[str, Sequence[str]]) -> Dataset:
    """Return the data set with the classes that its records' sets do not label marked unknown.

    Args:
        dataset: Records that name the set they come from.
        labelled: The names of the classes that a set labels, by `Record.dataset`. Sets that
            are not named stay as they are.

    Raises:
        DataError: There is no such set, or no such class.
    """
    known = {}
    for name, classes in labelled.items():
        _require_set(dataset, name)
        chosen = choose(classes, dataset.class_names, dataset.source)
        known[name] = new_labels(dataset.class_names, chosen) >= 0
    return dataclasses.replace(
        dataset,
        records=[
            dataclasses.replace(record, known=known.get(record.dataset, record.known))
            for record in dataset.records
        ],
    )


def _require_set(dataset, name) -> None:
    found = sorted({record.dataset for record in dataset.records})
    if name not in found:
        raise DataError(
            f"{dataset.source}: expected images of a set named {name!r}, found "
            f"{', '.join(map(repr, found)) or 'none'}.\nName one of the sets that are there."
        )
