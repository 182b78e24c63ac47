"""Detections and Tracks: what everything downstream of a network speaks."""

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
        domains: int32 `[D]`, kind of scene that each belongs to, a place in `outputs.DOMAINS`, or
            `None` where the model does not tell domains apart.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    box_std: np.ndarray | None = None
    domains: np.ndarray | None = None

    def __post_init__(self):
        count = len(self.boxes)
        expected = {"boxes": (count, 4), "scores": (count,), "labels": (count,)}
        if self.box_std is not None:
            expected["box_std"] = (count, 4)
        if self.domains is not None:
            expected["domains"] = (count,)
        self._require(expected)

    def _require(self, expected):
        for name, shape in expected.items():
            if np.shape(getattr(self, name)) != shape:
                raise ValueError(
                    f"{type(self).__name__}.{name}: expected shape {shape}, "
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
            None if self.domains is None else self.domains[chosen],
        )


# The states of a track, from the least sure to be an object of this frame to the surest.
TENTATIVE, COASTING, MATCHED = "tentative", "coasting", "matched"


@dataclasses.dataclass(frozen=True)
class Tracks(Detections):
    """The objects that are followed from frame to frame, as they are in one frame, surest first.

    Scores say how sure it is that the object is there, all that was seen of it taken together;
    `box_std` how sure the box is, prediction and detection taken together.

    Attributes:
        track_ids: int32 `[D]`, from 1; an object keeps its own as long as it is remembered.
        states: str `[D]`: `tentative` (detected, but not yet sure to be an object), `matched`
            (detected in this frame) or `coasting` (not detected; the box is a prediction).
    """

    track_ids: np.ndarray = dataclasses.field(kw_only=True)
    states: np.ndarray = dataclasses.field(kw_only=True)

    def __post_init__(self):
        super().__post_init__()
        self._require({"track_ids": (len(self),), "states": (len(self),)})

    @classmethod
    def empty(cls) -> Tracks:
        """Return no tracks."""
        boxes, scores, labels = np.zeros((0, 4), "float32"), np.zeros(0, "float32"), np.zeros(0)
        return cls(
            boxes,
            scores,
            labels.astype("int32"),
            track_ids=np.zeros(0, "int32"),
            states=np.zeros(0, "<U9"),
        )

    def __getitem__(self, chosen) -> Tracks:
        """Return the tracks that a boolean mask, slice or index array chooses."""
        chosen_base = super().__getitem__(chosen)
        return Tracks(
            chosen_base.boxes,
            chosen_base.scores,
            chosen_base.labels,
            chosen_base.box_std,
            chosen_base.domains,
            track_ids=self.track_ids[chosen],
            states=self.states[chosen],
        )
