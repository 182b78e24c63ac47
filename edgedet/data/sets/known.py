"""What each set of a combined view labels, though its annotations do not say it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.data.sets.class_names import new_labels
from edgedet.data.sets.class_selection import choose
from edgedet.errors import DataError

log = logging.getLogger(__name__)


def with_shown(dataset: Dataset) -> Dataset:
    """Return a combined view in which each set labels the classes that it shows.

    A class of which a set has not one box is marked unknown there: its annotators did not look
    for it, or there is nothing to be learned of it. A data set that is no combined view, whose
    records name no sets or all the same one, stays as it is.
    """
    names = sorted({record.dataset for record in dataset.records})
    if len(names) < 2:
        return dataset
    labelled = {}
    for name in names:
        labels = [record.labels for record in dataset.records if record.dataset == name]
        shown = np.unique(np.concatenate(labels))
        labelled[name] = [dataset.class_names[label] for label in shown]
        log.info("%s: %r labels %s", dataset.source, name, ", ".join(labelled[name]) or "nothing")
    return with_known(dataset, labelled)


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
