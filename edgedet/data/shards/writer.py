"""Writing a data set as shards; see `edgedet.data.shards.layout`."""

from __future__ import annotations

from pathlib import Path, PurePath

import tensorflow as tf

from edgedet import files
from edgedet.data.record import Dataset
from edgedet.data.shards import index as shard_index
from edgedet.data.shards.layout import INDEX, SHARD, checksum
from edgedet.data.source.scan import scan
from edgedet.errors import OutputError
from edgedet.file_part import FilePart

# Bytes of a shard, unless the user wants another number of them.
SIZE = 256 * 2**20
# Of so many images the mean size is taken.
SAMPLES = 500
# TFRecord: the length of a record and its checksum come before it, another checksum behind.
BEFORE, BEHIND = 12, 4


def write_shards(dataset: Dataset, folder: Path, split: str, count: int = 0) -> tuple[Path, ...]:
    """Write the readable images of a data set as shards, with their index.

    Args:
        dataset: Records.
        folder: Where the shards go; it is made.
        split: What they are called.
        count: How many; 0 makes them about as large as `SIZE`.

    Returns:
        The shards.

    Raises:
        DataError: Not one image can be read.
        OutputError: The folder cannot be written.
    """
    scanned = scan(dataset)
    records = scanned.dataset.records
    looks = zip(scanned.sizes.tolist(), scanned.plain.tolist(), strict=True)
    headers = [(tuple(size), plain) for size, plain in looks]
    count = min(count or _enough(records), len(records))
    # As equal as can be, in the order of the data.
    bounds = [len(records) * number // count for number in range(count + 1)]
    paths, parts = [], []
    for number in range(count):
        path = Path(folder) / SHARD.format(
            split=split, number=f"{number:05d}", count=f"{count:05d}"
        )
        chosen = slice(bounds[number], bounds[number + 1])
        parts += _write_shard(path, records[chosen], headers[chosen])
        paths.append(path)
    facts = {
        "files": [path.name for path in paths],
        "bytes": [path.stat().st_size for path in paths],
        "sha256": [checksum(path) for path in paths],
    }
    # Last: shards without an index are no data set yet.
    index = Path(folder) / INDEX.format(split=split)
    shard_index.write(index, scanned.dataset, parts, facts)
    digits = "[0-9]" * 5
    for path in set(Path(folder).glob(SHARD.format(split=split, number=digits, count=digits))):
        if path not in paths:
            # Of an earlier writing in other pieces.
            path.unlink()
    return tuple(paths)


def _write_shard(path, records, headers):
    try:
        return _written(path, records, headers)
    except tf.errors.OpError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.message}).\n"
            "Check that the folder may be written and has space left."
        ) from error


def _written(path, records, headers):
    parts, position = [], 0
    with files.replacing(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
        for record, header in zip(records, headers, strict=True):
            content, name = record.image.read_bytes(), _name(record.image)
            example = _example(content, name)
            writer.write(example)
            start = position + BEFORE + example.rindex(content)
            parts.append(FilePart(path, start, len(content), name, header))
            position += BEFORE + len(example) + BEHIND
    return parts


def _example(content, name):
    """Return a tf.train.Example with the keys that TensorFlow's own detection tools use."""
    values = {"image/encoded": content, "image/filename": name.encode()}
    features = {
        key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        for key, value in values.items()
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def _name(image):
    # The folder tells images apart in some layouts: it is the event of a WIDER FACE image.
    return f"{image.parent.name}/{PurePath(str(image)).name}"


def _enough(records):
    with_some = [record.image for record in records[:: max(1, len(records) // SAMPLES)]]
    mean = sum(len(image.read_bytes()) for image in with_some) / len(with_some)
    return max(1, round(mean * len(records) / SIZE))
