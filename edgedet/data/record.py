"""Records: what an annotation file says about its images."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# The fields of a record with one row for each object.
PER_OBJECT = ("boxes", "labels", "ignored", "areas", "scores", "track_ids")
# A protocol of evaluation, by the name that an index of shards keeps.
WIDER_FACE = "wider_face"


@dataclasses.dataclass(frozen=True, eq=False)
class Record:
    """One image and its objects, as annotated.

    Attributes:
        image: Path of the image file.
        boxes: float32 `[G, 4]`, xyxy, pixels of the image file.
        labels: int32 `[G]`, class index from 0.
        ignored: bool `[G]`; True marks a region that is neither an object nor background:
            a crowd, an invalid face.
        image_id: The annotation's own number of the image, or its place in the file.
        dataset: The set an image of a combined view comes from, or "".
        areas: float32 `[G]`, square pixels, where the annotation gives them: COCO's are of the
            outline, not of the box, and decide what counts as small. `None`: use the boxes'.
        scores: float32 `[G]` in [0, 1], where a teacher network saw the objects: how sure it
            was. `None`: people drew them.
        known: bool `[C]`; False marks a class that the image's set does not label, so that its
            objects may be there without a box. `None`: all classes are labelled.
        track_ids: int32 `[G]`, which object of a sequence it is, the same in all of its frames.
            `None`: the image is not part of a sequence.
        domain: What kind of scene it is, a place in `outputs.DOMAINS`; -1 where nobody says.
        size: (height, width) of the image as the annotation has it; `None` where it does not say.
    """

    image: Path
    boxes: np.ndarray
    labels: np.ndarray
    ignored: np.ndarray
    image_id: int = 0
    dataset: str = ""
    areas: np.ndarray | None = None
    scores: np.ndarray | None = None
    known: np.ndarray | None = None
    track_ids: np.ndarray | None = None
    domain: int = -1
    size: tuple[int, int] | None = None

    def __getitem__(self, chosen) -> Record:
        """Return the record with only some of its objects.

        Args:
            chosen: bool `[G]`, or the places of the objects.
        """
        columns = {name: getattr(self, name) for name in PER_OBJECT}
        rows = {name: column[chosen] for name, column in columns.items() if column is not None}
        return dataclasses.replace(self, **rows)

    def relabelled(self, new_label: np.ndarray, num_classes: int) -> Record:
        """Return the record as another list of classes labels it.

        Args:
            new_label: int32 `[C]`, the new label of each old one; -1 leaves its objects out.
            num_classes: Length of the new list; a class that no old one becomes is not known.
        """
        labels = new_label[self.labels]
        labelled = np.ones(len(new_label), bool) if self.known is None else self.known
        known = np.zeros(num_classes, bool)
        known[new_label[labelled & (new_label >= 0)]] = True
        whole = dataclasses.replace(self, labels=labels, known=None if known.all() else known)
        return whole[labels >= 0]


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Records and the names of their labels; has a length, gives records by index.

    Attributes:
        records: One per image, in the order of the file; images without objects are kept.
        class_names: Name of each label.
        category_ids: The annotation's own number of each label; of several data sets in one,
            the number that the first to have the class gives it.
        source: The file or folder it came from, for messages.
        protocol: How its makers measure, beside COCO's numbers: `WIDER_FACE`, or "".
    """

    records: Sequence[Record]
    class_names: tuple[str, ...]
    category_ids: tuple[int, ...]
    source: str = ""
    protocol: str = ""

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Record:
        return self.records[index]
