"""Targets: what every point should answer."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Targets:
    """What the loss compares raw predictions with; arrays of Keras tensors.

    Attributes:
        points: `[P, 2]` (x, y) in input pixels.
        strides: `[P]` input pixels per cell.
        labels: int `[B, P]`, class of the object a point answers for; -1 is background.
        boxes: `[B, P, 4]` xyxy of that object in input pixels; anything at background.
        positive: bool `[B, P]`, the point answers for an object.
        ignored: bool `[B, P]`, the point is asked nothing.
        known: bool `[B, C]`, the classes that the image's annotators looked for; about the others
            nothing is asked, but that an object is none of them.
        quality: float `[B, P]`, what the score of a positive point's class should be, and how
            much its box counts; `None` where the overlap of the predicted box says the former
            and all boxes count alike.
        domain: int `[B]`, a place in `outputs.DOMAINS`, -1 where nobody says; `None` where the
            model tells no domains.
    """

    points: Any
    strides: Any
    labels: Any
    boxes: Any
    positive: Any
    ignored: Any
    known: Any
    quality: Any = None
    domain: Any = None
