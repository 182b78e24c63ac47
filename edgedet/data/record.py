"""Records: what an annotation file says about its images."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np


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
    """

    image: Path
    boxes: np.ndarray
    labels: np.ndarray
    ignored: np.ndarray
    image_id: int = 0
    dataset: str = ""
    areas: np.ndarray | None = None
    scores: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Records and the names of their labels; has a length, gives records by index.

    Attributes:
        records: One per image, in the order of the file; images without objects are kept.
        class_names: Name of each label.
        category_ids: The annotation's own number of each label.
        source: The file or folder it came from, for messages.
    """

    records: Sequence[Record]
    class_names: tuple[str, ...]
    category_ids: tuple[int, ...]
    source: str = ""

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Record:
        return self.records[index]
