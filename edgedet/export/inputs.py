"""Network inputs from training images, prepared as the device prepares its frames."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence

import numpy as np

from edgedet.data.record import Dataset
from edgedet.errors import ImageError
from edgedet.manifest import Manifest
from edgedet.quantization import calibration_order
from edgedet.runtime.preprocess import preprocess, read_frame

log = logging.getLogger(__name__)


def training_inputs(
    datasets: Sequence[Dataset], manifest: Manifest, count: int, seed: int = 0
) -> np.ndarray:
    """Return network inputs from training images, an equal share from each set.

    Args:
        datasets: Training sets; images that cannot be read are logged, counted and passed over.
        manifest: Says how large the input is and how many bands it has.
        count: At most so many images.
        seed: The same seed gives the same images.

    Returns:
        uint8 `[N, h, w, bands]`, N <= count.
    """
    share = -(-count // max(len(datasets), 1))
    inputs = [
        image
        for dataset in datasets
        for image in _readable(calibration_order(dataset, seed), manifest, share)
    ]
    empty = np.zeros((0, *manifest.input_size, manifest.bands), "uint8")
    return np.concatenate([empty, *inputs])[:count]


def chosen_subset(dataset: Dataset, count: int, seed: int = 0) -> Dataset:
    """Return at most `count` records of a set, in the order of calibration."""
    return dataclasses.replace(dataset, records=calibration_order(dataset, seed)[:count])


def pattern_inputs(manifest: Manifest, count: int, seed: int = 0) -> np.ndarray:
    """Return coloured patches of several sizes, for where there are no images.

    Returns:
        uint8 `[N, h, w, bands]`.
    """
    generator = np.random.default_rng(seed)
    height, width = manifest.input_size
    patterns = []
    for index in range(count):
        side = 2 ** (1 + index % 5)
        cells = (-(-height // side), -(-width // side), manifest.bands)
        patches = generator.integers(0, 256, cells, "uint8")
        large = patches.repeat(side, axis=0).repeat(side, axis=1)
        patterns.append(large[:height, :width])
    return np.stack(patterns)


def _readable(records, manifest, count) -> Iterator[np.ndarray]:
    size, bands, thermal = manifest.input_size, manifest.bands, manifest.thermal
    read = broken = 0
    for record in records:
        if read == count:
            break
        try:
            image, _ = preprocess(read_frame(record.image, thermal), size, bands, thermal)
        except ImageError as error:
            log.warning("skipped: %s", error)
            broken += 1
            continue
        read += 1
        yield image
    if broken:
        log.warning("skipped %d of %d images", broken, broken + read)
