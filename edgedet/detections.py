"""Detections: what everything downstream of a network speaks."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Detections:
    """The objects found in one image, best first.

    Attributes:
        boxes: float32 `[D, 4]`, xyxy, pixels of the image they were found in.
        scores: float32 `[D]` in [0, 1].
        labels: int32 `[D]`, class index from 0.
        box_std: float32 `[D, 4]`, standard deviation of each side in pixels, or `None`
            where the model does not estimate it.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    box_std: np.ndarray | None = None

    def __post_init__(self):
        count = len(self.boxes)
        expected = {"boxes": (count, 4), "scores": (count,), "labels": (count,)}
        if self.box_std is not None:
            expected["box_std"] = (count, 4)
        for name, shape in expected.items():
            if np.shape(getattr(self, name)) != shape:
                raise ValueError(
                    f"Detections.{name}: expected shape {shape}, "
                    f"received {np.shape(getattr(self, name))}."
                )

    @classmethod
    def empty(cls) -> Detections:
        """Return no detections."""
        return cls(np.zeros((0, 4), "float32"), np.zeros(0, "float32"), np.zeros(0, "int32"))

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, chosen) -> Detections:
        """Return the detections that a boolean mask, slice or index array chooses."""
        return Detections(
            self.boxes[chosen],
            self.scores[chosen],
            self.labels[chosen],
            None if self.box_std is None else self.box_std[chosen],
        )
