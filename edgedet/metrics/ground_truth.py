"""Ground truth: what is really in an image, as every metric sees it."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class GroundTruth:
    """The objects of one image.

    Attributes:
        boxes: float64 `[G, 4]`, xyxy, pixels of the image.
        labels: int `[G]`, class index from 0.
        ignored: bool `[G]`; a detection there is neither right nor wrong.
        areas: float64 `[G]`, square pixels; decides whether an object is small or large.
    """

    boxes: np.ndarray
    labels: np.ndarray
    ignored: np.ndarray
    areas: np.ndarray

    @classmethod
    def of(cls, objects) -> GroundTruth:
        """Return any annotation with `boxes` and `labels` as ground truth.

        Args:
            objects: A `Record` or anything else with `boxes` `[G, 4]` and `labels` `[G]`;
                without `ignored` all count, without `areas` the boxes' own are taken.
        """
        boxes = np.asarray(objects.boxes, "float64").reshape(-1, 4)
        ignored = getattr(objects, "ignored", None)
        areas = getattr(objects, "areas", None)
        sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
        return cls(
            boxes=boxes,
            labels=np.asarray(objects.labels, "int64").reshape(-1),
            ignored=np.zeros(len(boxes), bool) if ignored is None else np.asarray(ignored, bool),
            areas=sides.prod(axis=1) if areas is None else np.asarray(areas, "float64"),
        )

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, chosen) -> GroundTruth:
        """Return the objects that a boolean mask, slice or index array chooses."""
        return GroundTruth(
            self.boxes[chosen], self.labels[chosen], self.ignored[chosen], self.areas[chosen]
        )
