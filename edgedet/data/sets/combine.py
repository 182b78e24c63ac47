"""Several data sets as one, with all of their classes or with chosen ones."""

from __future__ import annotations

from collections.abc import Sequence

from edgedet.data.record import Dataset
from edgedet.data.sets.class_names import canonical, new_labels
from edgedet.data.sets.class_selection import choose


def combine(datasets: Sequence[Dataset], class_names: Sequence[str] | None = None) -> Dataset:
    """Return the records of all data sets, labelled alike.

    Classes meet by name, whatever the spelling. Where a data set lacks one, its records say so
    in `known`. Objects of other classes are left out, so they count as background; images are
    all kept.

    Args:
        datasets: At least one.
        class_names: The classes in the order of their labels; `None` takes all that the data
            sets have, in the order in which they appear.

    Raises:
        DataError: A class is named twice, or not one of the data sets has it.
    """
    source = ", ".join(dataset.source for dataset in datasets)
    offered = _offered(datasets)
    if class_names is None:
        names = tuple(name for name, _ in offered.values())
    else:
        names = choose(class_names, [name for name, _ in offered.values()], source)
    records = []
    for dataset in datasets:
        labels = new_labels(dataset.class_names, names)
        records += [record.relabelled(labels, len(names)) for record in dataset.records]
    return Dataset(records, names, tuple(offered[canonical(name)][1] for name in names), source)


def _offered(datasets) -> dict[str, tuple[str, int]]:
    """Return, by canonical spelling, the name and number that the first set gives a class."""
    offered = {}
    for dataset in datasets:
        for name, category_id in zip(dataset.class_names, dataset.category_ids, strict=True):
            offered.setdefault(canonical(name), (name, category_id))
    return offered
