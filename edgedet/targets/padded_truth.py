"""Ground truth as assigners read it: which entries are objects and which are regions."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras import ops

from edgedet.targets.padding import with_padding


@dataclasses.dataclass(frozen=True)
class PaddedTruth:
    """The ground truth of a batch, at least one entry an image.

    Attributes:
        boxes: `[B, G, 4]` xyxy in input pixels.
        labels: int32 `[B, G]`; -1 is padding.
        real: bool `[B, G]`, the entry is an object.
        regions: bool `[B, G]`, the entry is a region to ignore.
        known: bool `[B, C]`, see `Targets`.
        domain: int32 `[B]`, see `Targets`; -1 where the batch does not say it.
    """

    boxes: Any
    labels: Any
    real: Any
    regions: Any
    known: Any
    domain: Any

    @classmethod
    def of(cls, truth: dict) -> PaddedTruth:
        """Return the ground truth of what a batch says, see `Assigner`; arrays may be NumPy's."""
        boxes, labels, ignored = with_padding(
            ops.convert_to_tensor(truth["boxes"], "float32"),
            ops.convert_to_tensor(truth["labels"], "int32"),
            ops.convert_to_tensor(truth["ignored"], "bool"),
        )
        entries = labels >= 0
        return cls(
            boxes=boxes,
            labels=labels,
            real=ops.logical_and(entries, ops.logical_not(ignored)),
            regions=ops.logical_and(entries, ignored),
            known=ops.convert_to_tensor(truth["known"], "bool"),
            domain=ops.convert_to_tensor(
                truth.get("domain", ops.full_like(labels[:, 0], -1)), "int32"
            ),
        )
