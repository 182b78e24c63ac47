"""A first look at the image files of a data set: sizes from the headers, bad files left out.

Every JPEG that TensorFlow is to decode is decoded once, reduced: in the middle of an epoch one that
breaks off would end the run, or be learned from as grey. That takes .2 ms of a core for each image
of 400 pixels, as much as it is worth.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf

from edgedet import images
from edgedet.data.annotated_sizes import warn_of_other_sizes
from edgedet.data.record import Dataset
from edgedet.errors import DataError, ImageError
from edgedet.file_part import FilePart

# How files of a format begin and how whole ones end, give or take a few bytes.
ENDS = {b"\xff\xd8": b"\xff\xd9", b"\x89PNG": b"IEND"}
TAIL = 64

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Scan:
    """What the headers of a data set's images say.

    Attributes:
        dataset: The records whose images can be read.
        sizes: int32 `[N, 2]`, (height, width) of each upright image.
        plain: bool `[N]`: an upright 8-bit grey or colour JPEG, which TensorFlow decodes itself.
        skipped: How many records were left out.
    """

    dataset: Dataset
    sizes: np.ndarray
    plain: np.ndarray
    skipped: int

    def __getitem__(self, chosen: np.ndarray) -> Scan:
        """Return what it says about some of the images, bool `[N]`."""
        records = [self.dataset[index] for index in np.flatnonzero(chosen)]
        dataset = dataclasses.replace(self.dataset, records=records)
        return Scan(dataset, self.sizes[chosen], self.plain[chosen], self.skipped)


def scan(dataset: Dataset) -> Scan:
    """Look at every image of a data set; report, count and leave out those that are damaged.

    Raises:
        DataError: Not one image can be read.
    """
    with ThreadPoolExecutor(min(8, 2 * (os.cpu_count() or 1))) as pool:
        looks = list(pool.map(lambda record: _look(record.image), dataset.records))
    bad = [look for look in looks if isinstance(look, ImageError)]
    for error in bad:
        log.warning("skipped: %s", error)
    if bad:
        log.warning("%s: skipped %d of %d images", dataset.source, len(bad), len(dataset))
    kept = [index for index, look in enumerate(looks) if not isinstance(look, ImageError)]
    if not kept:
        raise DataError(
            f"{dataset.source}: expected at least one readable image, found none among "
            f"{len(dataset)}.\nCheck that the images lie where the annotations say."
        )
    records = [dataset[index] for index in kept]
    sizes = np.array([looks[index][0] for index in kept], "int32")
    warn_of_other_sizes(records, sizes, dataset.source)
    return Scan(
        dataclasses.replace(dataset, records=records),
        sizes,
        np.array([looks[index][1] for index in kept], bool),
        len(bad),
    )


def _look(path: Path | FilePart):
    if isinstance(path, FilePart):
        # Looked at when the shard was written.
        return path.header
    try:
        size, plain = images.read_header(path)
        if plain:
            _require_jpeg(path)
        elif not _ends_well(path):
            # Truncated, or whole with something else after it: only decoding tells.
            images.read(path)
        return size, plain
    except ImageError as error:
        return error


def _require_jpeg(path):
    """Raise unless a JPEG can be decoded to its end; at 1/8 of its size that is soon known."""
    content = path.read_bytes()
    try:
        tf.io.decode_jpeg(content, ratio=8)
    except tf.errors.InvalidArgumentError as error:
        raise ImageError(
            f"{path}: expected a readable image, found a JPEG that breaks off after its header.\n"
            "Replace the file or remove it from the data."
        ) from error


def _ends_well(path) -> bool:
    with open(path, "rb") as file:
        head = file.read(len(max(ENDS, key=len)))
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL))
        tail = file.read()
    return all(end in tail for start, end in ENDS.items() if head.startswith(start))
