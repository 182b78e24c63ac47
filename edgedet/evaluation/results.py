"""Results: what a detector finds in the images of a data set, beside what is there."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edgedet import images
from edgedet.data.record import Dataset, Record
from edgedet.detections import Detections
from edgedet.errors import DataError, ImageError
from edgedet.evaluation.class_map import ClassMap

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything that metrics and pictures need, so that nothing runs twice.

    Attributes:
        records: One per readable image; labels are positions in `class_names`.
        detections: One per record, labelled the same way.
        sizes: (height, width) of each image.
        class_names: Name of each evaluated label.
        skipped: Number of images that could not be read.
        transform: What was done to each image before detection.
    """

    records: tuple[Record, ...]
    detections: tuple[Detections, ...]
    sizes: tuple[tuple[int, int], ...]
    class_names: tuple[str, ...]
    skipped: int
    transform: Callable[[np.ndarray], np.ndarray]

    def __len__(self) -> int:
        return len(self.records)

    def reported(self, min_score: float) -> tuple[Detections, ...]:
        """Return the detections that a device with `min_score` would report."""
        return tuple(found[found.scores >= min_score] for found in self.detections)

    def of_dataset(self, dataset: str) -> Results:
        """Return the results on images that come from one set of a combined view."""
        chosen = [i for i, record in enumerate(self.records) if record.dataset == dataset]
        return dataclasses.replace(
            self,
            records=tuple(self.records[i] for i in chosen),
            detections=tuple(self.detections[i] for i in chosen),
            sizes=tuple(self.sizes[i] for i in chosen),
        )


def unchanged(image: np.ndarray) -> np.ndarray:
    """Return the image as it was read."""
    return image


def inverted(image: np.ndarray) -> np.ndarray:
    """Return a uint8 image with dark and bright exchanged: white-hot becomes black-hot."""
    return 255 - image


def detect_all(
    detect: Callable[[np.ndarray], Detections],
    dataset: Dataset,
    classes: ClassMap,
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
) -> Results:
    """Run a detector over all images; one that cannot be read is logged, counted and skipped.

    Args:
        detect: uint8 `[H, W, 3]` -> `Detections` in its pixels, the model's labels.
        dataset: The images and what is in them, the data's labels.
        classes: Where the two kinds of labels meet.
        transform: Applied to each image first.
        progress: Wraps the records, to show how far the run is.

    Raises:
        DataError: The data set is empty, or none of its images can be read.
    """
    records, detections, sizes = [], [], []
    for record in progress(dataset.records):
        try:
            image, _ = images.read(record.image)
        except ImageError as error:
            log.warning("skipped: %s", error)
            continue
        records.append(record.relabelled(classes.from_data, len(classes.names)))
        detections.append(_relabelled(detect(transform(image)), classes.from_model))
        sizes.append(image.shape[:2])
    if not records:
        raise DataError(
            f"{dataset.source}: expected images to evaluate, found "
            f"{len(dataset)} entries and no readable image.\n"
            "Check that the images lie where the annotations say."
        )
    skipped = len(dataset) - len(records)
    return Results(
        tuple(records), tuple(detections), tuple(sizes), classes.names, skipped, transform
    )


def _relabelled(found, from_model):
    labels = from_model[found.labels]
    known = labels >= 0
    return dataclasses.replace(found[known], labels=labels[known])
