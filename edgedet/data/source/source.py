"""Source: what batches are made from, the images and the objects of a data set."""

from __future__ import annotations

import dataclasses
from typing import Any

import tensorflow as tf

from edgedet.data.augment.seen import seen, select
from edgedet.data.record import Dataset
from edgedet.data.source.objects import Objects
from edgedet.data.source.pixels import open_pixels
from edgedet.data.source.reading import Reading
from edgedet.data.source.scan import scan
from edgedet.errors import DataError
from edgedet.settings import Feeding


@dataclasses.dataclass(frozen=True)
class Source:
    """The readable records of a data set, looked up by index inside tf.data.

    Attributes:
        dataset: The records.
        sizes: int32 `[N, 2]`, (height, width) of each image.
        objects: `edgedet.data.source.objects.Objects`.
        pixels: Gives parts of images, see `edgedet.data.source.pixels`.
        bands: Of the pixels.
    """

    dataset: Dataset
    sizes: tf.Tensor
    objects: Objects
    pixels: Any
    bands: int

    @classmethod
    def open(cls, dataset: Dataset, reading: Reading, cache: bool) -> Source:
        """Return the source of a data set, without the records whose images are damaged.

        Raises:
            DataError: None is left, or their pixels find no place.
        """
        scanned = scan(dataset)
        pixels = open_pixels(scanned, reading, cache)
        if pixels.broken.all():
            raise DataError(
                f"{dataset.source}: expected images with the {reading.bands} bands that the "
                "network sees, found none that can be read so.\n"
                "What is wrong with each of them is said above."
            )
        objects = Objects(scanned.dataset, pixels.broken)
        sizes = tf.constant(scanned.sizes)
        return cls(scanned.dataset, sizes, objects, pixels, reading.bands)

    def truth(self, feeding: Feeding, index, views, windows, covers) -> dict:
        """Return what a batch says beside its images, see `edgedet.data.pipeline.batches`.

        Args:
            feeding: Which objects are too small or too many.
            index: int64 `[B, L]`, the records of the layers of each sample.
            views: See `edgedet.data.augment.seen.seen`, as the rest.
            windows: float32 `[B, L, 4]`.
            covers: bool `[B, L]`.
        """
        found = seen(self.objects(index), *views, windows, covers)
        truth = select(*found, feeding.min_side, feeding.max_objects)
        # All layers of a sample are of one kind.
        first = index[:, 0]
        return {**truth, "known": self.objects.known(first), "domain": self.objects.domain(first)}
