"""The index of shards: everything that records say, in columns, and where their images lie."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np

from edgedet import files
from edgedet.data.record import PER_OBJECT, Dataset, Record
from edgedet.errors import DAMAGE, AnnotationError
from edgedet.file_part import FilePart

VERSION = 1
# Columns of a record that stand beside its image and its objects.
PER_RECORD = ("image_id", "dataset", "domain")


def write(path: Path, dataset: Dataset, parts: list[FilePart], facts: dict) -> None:
    """Write the index of records whose images have become parts of files beside it.

    Args:
        path: An .npz file.
        dataset: The records.
        parts: Where the image of each lies.
        facts: What else the index says, as JSON can.
    """
    facts = {
        "version": VERSION,
        "class_names": dataset.class_names,
        "category_ids": dataset.category_ids,
        "source": dataset.source,
        "protocol": dataset.protocol,
        **facts,
    }
    columns = {**_places(parts, facts["files"]), **_said(dataset)}
    content = io.BytesIO()
    np.savez_compressed(content, facts=_text([json.dumps(facts)]), **columns)
    files.write_bytes(path, content.getvalue())


def read(path: Path) -> tuple[Dataset, dict]:
    """Return the records of an index, and what else it says.

    Raises:
        AnnotationError: The file is damaged, or another version of edgedet wrote it.
    """
    try:
        with np.load(path) as columns:
            facts = json.loads(_lines(columns["facts"])[0])
            if facts["version"] != VERSION:
                raise ValueError(f"version {facts['version']}, not {VERSION}")
            return _dataset(path, {name: columns[name] for name in columns.files}, facts), facts
    except (*DAMAGE, OSError, ValueError, KeyError) as error:
        raise AnnotationError(
            f"{path}: expected the index of shards, found none that can be read ({error}).\n"
            "Write the shards again with `edgedet data shard`."
        ) from error


def _places(parts, names):
    number = {name: place for place, name in enumerate(names)}
    sizes = [(*part.header[0], part.header[1]) for part in parts]
    return {
        "names": _text([part.name for part in parts]),
        # Of each: shard, first byte, length; height, width, whether it is plain.
        "places": np.array([(number[part.path.name], part.start, part.length) for part in parts]),
        "headers": np.array(sizes, "int32"),
    }


def _said(dataset):
    records = dataset.records
    columns = {"counts": np.array([len(record.labels) for record in records])}
    for name in PER_RECORD:
        columns[name] = np.array([getattr(record, name) for record in records])
    for name in (*PER_OBJECT, "known"):
        values = [getattr(record, name) for record in records]
        columns[f"has_{name}"] = np.array([value is not None for value in values])
        there = [value for value in values if value is not None]
        columns[name] = np.concatenate(there) if there else np.empty(0)
    return columns


def _dataset(path, columns, facts):
    parts = _parts(path, columns, facts["files"])
    said = {name: columns[name].tolist() for name in PER_RECORD}
    sizes = {name: columns["counts"] for name in PER_OBJECT}
    sizes["known"] = np.full(len(parts), len(facts["class_names"]))
    said |= {name: _split(columns, name, counts) for name, counts in sizes.items()}
    rows = (dict(zip(said, row, strict=True)) for row in zip(*said.values(), strict=True))
    records = [Record(image=part, **row) for part, row in zip(parts, rows, strict=True)]
    names, numbers = tuple(facts["class_names"]), tuple(facts["category_ids"])
    # Shards of older versions do not say it.
    return Dataset(records, names, numbers, str(path), facts.get("protocol", ""))


def _parts(path, columns, names):
    files_ = [path.parent / name for name in names]
    rows = zip(
        _lines(columns["names"]),
        columns["places"].tolist(),
        columns["headers"].tolist(),
        strict=True,
    )
    return [
        FilePart(files_[shard], start, length, name, ((height, width), bool(plain)))
        for name, (shard, start, length), (height, width, plain) in rows
    ]


def _split(columns, name, counts):
    """Return the rows of each record, `None` where it has none."""
    there = columns[f"has_{name}"]
    ends = np.cumsum(np.where(there, counts, 0))
    pieces = np.split(columns[name], ends[:-1])
    return [piece if has else None for piece, has in zip(pieces, there, strict=True)]


def _text(lines):
    # As bytes: NumPy would give each name as much space as the longest.
    return np.frombuffer("\n".join(lines).encode(), "uint8")


def _lines(column):
    return column.tobytes().decode().split("\n")
