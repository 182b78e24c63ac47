"""Sighted: detections of one frame, as the detector, the filters and the memory see them."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.detections import Detections
from edgedet.runtime.tracking.kalman import Observation


@dataclasses.dataclass(frozen=True)
class Sighted:
    """D detections.

    Attributes:
        detections: As the detector gives them.
        seen: As the filters see them.
        looks: float32 `[D, e]`, what they look like; 0 where nobody needed to know.
    """

    detections: Detections
    seen: Observation
    looks: np.ndarray

    def __len__(self) -> int:
        return len(self.detections)

    def __getitem__(self, chosen) -> Sighted:
        """Return the detections that a boolean mask or index array chooses."""
        return Sighted(self.detections[chosen], self.seen[chosen], self.looks[chosen])
