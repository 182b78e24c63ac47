"""Domains: which kind of scene the images of a set show, as the user says it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.errors import UsageError
from edgedet.outputs import DOMAINS

FLAG = "--set-domains"


def parse_domains(entries: Sequence[str]) -> dict[str, int]:
    """Return the place in `outputs.DOMAINS` of each set's domain, of entries `SET=DOMAIN`.

    Raises:
        UsageError: An entry names no set or no such domain.
    """
    domains = {}
    for entry in entries:
        name, _, domain = entry.rpartition("=")
        if not name or domain not in DOMAINS:
            raise UsageError(
                f"{FLAG}: expected SET=DOMAIN with one of {', '.join(DOMAINS)}, found {entry!r}.\n"
                "Name a data folder, or a set of a combined view, such as hit_uav=vehicle."
            )
        domains[name] = DOMAINS.index(domain)
    return domains


def with_domains(datasets: Sequence[Dataset], names: Sequence[str], domains: Mapping[str, int]):
    """Return data sets whose records say their domain.

    Args:
        datasets: Several.
        names: What each is called; records that name their own `dataset` go by that.
        domains: See `parse_domains`; sets that are not named stay as they are.

    Raises:
        UsageError: A set is named that is not there.
    """
    if not domains:
        return list(datasets)
    called = [
        [record.dataset or name for record in dataset.records]
        for dataset, name in zip(datasets, names, strict=True)
    ]
    there = sorted({name for each in called for name in each})
    missing = [name for name in domains if name not in there]
    if missing:
        raise UsageError(
            f"{FLAG}: expected sets that are there, {', '.join(there)}, found "
            f"{', '.join(missing)}.\nName data folders, or sets of a combined view."
        )
    return [_with_domains(*pair, domains) for pair in zip(datasets, called, strict=True)]


def classes_of_domains(dataset: Dataset) -> tuple[tuple[str, ...], ...]:
    """Return, for each of `outputs.DOMAINS`, the classes that its sets label.

    A domain without a set holds every class. Where no record says its domain, there is nothing
    to return.
    """
    labelled = [set() for _ in DOMAINS]
    for record in dataset.records:
        if record.domain >= 0:
            every = record.known is None
            known = dataset.class_names if every else np.array(dataset.class_names)[record.known]
            labelled[record.domain].update(map(str, known))
    if not any(labelled):
        return ()
    return tuple(
        tuple(name for name in dataset.class_names if not found or name in found)
        for found in labelled
    )


def _with_domains(dataset, called, domains):
    records = [
        dataclasses.replace(record, domain=domains.get(name, record.domain))
        for record, name in zip(dataset.records, called, strict=True)
    ]
    return dataclasses.replace(dataset, records=records)
