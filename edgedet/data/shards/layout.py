"""Shards: a data set as a few large TFRecord files, for data that outgrows folders of images.

Network drives and object stores read large files far faster than millions of small ones. Beside
the shards of a split lies its index, which says where each image begins: so batches draw records
from all shards in any order, and a resumed run goes on anywhere, without reading what lies before.
The images are those of the files, byte by byte.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from edgedet.data.record import Dataset
from edgedet.data.shards import index as shard_index
from edgedet.data.splits import full_name
from edgedet.errors import DataError

# The index of a split, and each of its shards.
SHARD = "{split}-{number}-of-{count}.tfrecord"
INDEX = "{split}.shards.npz"


def splits(folder: Path) -> tuple[str, ...]:
    """Return the splits that a folder has shards of."""
    suffix = INDEX.format(split="")
    return tuple(sorted(p.name.removesuffix(suffix) for p in Path(folder).glob(f"*{suffix}")))


def read(folder: Path, split: str) -> Dataset:
    """Return one split of a folder of shards.

    Raises:
        AnnotationError: The index is damaged.
        DataError: A shard is missing or has another size than when it was written.
    """
    return _open(folder, split)[1]


def verify(folder: Path, split: str) -> int:
    """Read all shards of a split; return how many there are.

    Raises:
        AnnotationError, DataError: A file is damaged.
    """
    path, _, facts = _open(folder, split)
    for name, expected in zip(facts["files"], facts["sha256"], strict=True):
        found = checksum(path.parent / name)
        if found != expected:
            raise DataError(
                f"{path.parent / name}: expected the checksum {expected}, found {found}.\n"
                "The file is damaged; copy it again."
            )
    return len(facts["files"])


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(folder, split):
    path = Path(folder) / INDEX.format(split=full_name(split, splits(folder), str(folder)))
    dataset, facts = shard_index.read(path)
    for name, size in zip(facts["files"], facts["bytes"], strict=True):
        shard = path.parent / name
        found = shard.stat().st_size if shard.is_file() else None
        if found != size:
            raise DataError(
                f"{shard}: expected a shard of {size:,} bytes, found "
                f"{'none' if found is None else f'one of {found:,}'}.\nCopy it again."
            )
    return path, dataset, facts
