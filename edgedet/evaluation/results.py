"""Results: what a detector finds in the images of a data set, beside what is there."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edgedet.data.annotated_sizes import warn_of_other_sizes
from edgedet.data.record import Dataset, Record
from edgedet.detections import Detections
from edgedet.errors import DataError, ImageError
from edgedet.evaluation.class_map import ClassMap
from edgedet.runtime.drawing.heat_map import heat_map
from edgedet.runtime.preprocess import read_frame
from edgedet.thermal import Normalization

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
        transform: What was done to each frame before detection.
        thermal: How the detector sees thermal frames; `None` where it sees ordinary images.
    """

    records: tuple[Record, ...]
    detections: tuple[Detections, ...]
    sizes: tuple[tuple[int, int], ...]
    class_names: tuple[str, ...]
    skipped: int
    transform: Callable[[np.ndarray], np.ndarray]
    thermal: Normalization | None = None

    def __len__(self) -> int:
        return len(self.records)

    def reported(self, min_score: float) -> tuple[Detections, ...]:
        """Return the detections that a device with `min_score` would report."""
        return tuple(found[found.scores >= min_score] for found in self.detections)

    def picture(self, record: Record) -> np.ndarray:
        """Return an image as the detector was shown it, for people: uint8 `[H, W, 3]`."""
        frame = self.transform(read_frame(record.image, self.thermal))
        return frame if self.thermal is None else heat_map(frame, self.thermal)

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


def detect_all(
    detect: Callable[[np.ndarray], Detections],
    dataset: Dataset,
    classes: ClassMap,
    transform: Callable[[np.ndarray], np.ndarray] = unchanged,
    progress: Callable[[Sequence], Iterable] = iter,
    thermal: Normalization | None = None,
) -> Results:
    """Run a detector over all images; one that cannot be read is logged, counted and skipped.

    Args:
        detect: A frame, see `read_frame`, -> `Detections` in its pixels, the model's labels.
        dataset: The images and what is in them, the data's labels.
        classes: Where the two kinds of labels meet.
        transform: Applied to each image first.
        progress: Wraps the records, to show how far the run is.
        thermal: How the detector sees thermal frames, see `Manifest.thermal`.

    Raises:
        DataError: The data set is empty, or none of its images can be read.
    """
    records, detections, sizes = [], [], []
    for record in progress(dataset.records):
        try:
            frame = read_frame(record.image, thermal)
        except ImageError as error:
            log.warning("skipped: %s", error)
            continue
        records.append(record.relabelled(classes.from_data, len(classes.names)))
        detections.append(_relabelled(detect(transform(frame)), classes.from_model))
        sizes.append(frame.shape[:2])
    if len(records) < len(dataset):
        missed = len(dataset) - len(records)
        log.warning("%s: skipped %d of %d images", dataset.source, missed, len(dataset))
    if not records:
        raise DataError(
            f"{dataset.source}: expected images to evaluate, found "
            f"{len(dataset)} entries and no readable image.\n"
            "Check that the images lie where the annotations say."
        )
    warn_of_other_sizes(records, sizes, dataset.source)
    skipped = len(dataset) - len(records)
    return Results(
        *map(tuple, (records, detections, sizes)), classes.names, skipped, transform, thermal
    )


def _relabelled(found, from_model):
    labels = from_model[found.labels]
    known = labels >= 0
    return dataclasses.replace(found[known], labels=labels[known])
