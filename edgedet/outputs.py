"""What a head can say about each of its cells: the outputs that export and runtime agree on."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

# What an output does to a detection.
CLASS = "class"
BOX = "box"
QUALITY = "quality"
OBJECTNESS = "objectness"
LOG_VARIANCE = "log_variance"
DOMAIN = "domain"

# Kinds of scenes, in the order of their logits.
DOMAINS = ("wildlife", "human", "interstellar", "vehicle", "general")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of output.

    Attributes:
        name: How manifests and tensors call it.
        channels: Numbers per cell, or `None` for one per class.
        role: What it does to a detection; a network has at most one output of each role.
    """

    name: str
    channels: int | None
    role: str


KINDS = {
    kind.name: kind
    for kind in (
        # Any real number; its sigmoid is the score.
        Kind("class_logits", None, CLASS),
        # Any real number; `ltrb.activate` makes it a distance in strides.
        Kind("box_raw", 4, BOX),
        # How well a point sits; one of the two enters the score by the geometric mean.
        Kind("centerness_logits", 1, QUALITY),
        Kind("quality_logits", 1, QUALITY),
        # Whether there is anything at all; a factor of the score.
        Kind("objectness_logits", 1, OBJECTNESS),
        # Logarithm of the variance of each activated distance, which is in strides.
        Kind("box_log_variance", 4, LOG_VARIANCE),
        # Which kind of scene it belongs to; see `DOMAINS`.
        Kind("domain_logits", len(DOMAINS), DOMAIN),
    )
}


def tensor_name(level_name: str, kind_name: str) -> str:
    """Return the name of one output of a network, such as `p3_box_raw`."""
    return f"{level_name}_{kind_name}"


def of_role(kinds: Sequence[str], role: str) -> str | None:
    """Return the one of `kinds` that plays a role, or `None`."""
    return next((name for name in kinds if KINDS[name].role == role), None)


def check(kinds: Sequence[str]) -> None:
    """Refuse what no runtime could decode.

    Raises:
        ValueError: A kind is unknown, two play the same role, or classes or boxes are missing.
    """
    unknown = [name for name in kinds if name not in KINDS]
    if unknown:
        raise ValueError(f"kinds: expected some of {', '.join(KINDS)}, found {unknown}.")
    roles = Counter(KINDS[name].role for name in kinds)
    twice = [name for name in kinds if roles[KINDS[name].role] > 1]
    if twice:
        raise ValueError(f"kinds: expected one for each role, found {' beside '.join(twice)}.")
    missing = {CLASS, BOX} - roles.keys()
    if missing:
        raise ValueError(
            f"kinds: expected {' and '.join(sorted(missing))} among the roles, "
            f"found {', '.join(kinds) or 'none'}."
        )
