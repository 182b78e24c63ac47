"""What a network is made of, where its recipe wants it otherwise than the model does by itself."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from edgedet.settings.setting import Settings, choice, number, switch

ANY = float("inf")
# Beyond any temperature and any 32-bit count.
FAR = 1e10


@dataclasses.dataclass(frozen=True)
class ThermalNormalization(Settings):
    """How a thermal sensor's counts become grey levels; see `edgedet.thermal.Normalization`."""

    prefix: ClassVar[str] = "sensor"

    low: float = number(
        0.0,
        -FAR,
        FAR,
        "Lower limit of every frame: in kelvin where --sensor-kelvin-per-count says what a count "
        "is, else in counts.",
    )
    span: float = number(
        0.0,
        0,
        FAR,
        "How far the upper limit is from it; 0 finds both limits of each frame in the frame.",
    )
    kelvin_per_count: float = number(
        0.0, 0, ANY, "Kelvin of one count of a radiometric sensor; 0 where nobody knows."
    )
    kelvin_at_zero: float = number(0.0, -FAR, FAR, "Kelvin of count 0.")
    polarity: str = choice(
        "unknown",
        ("unknown", "white_hot", "black_hot"),
        "How frames show heat; unknown for a network that learns both.",
    )
    repair: bool = switch(True, "Replace dead pixels and lines by what is around them.")


@dataclasses.dataclass(frozen=True)
class Network(Settings):
    """What the constructors of models take; each model has some of it.

    A default leaves what the model has by itself.
    """

    fusion: str = choice(
        "",
        ("", "context", "place", "constant", "mixing", "none"),
        "Nexus: how the two pathways meet.",
    )
    bands: int = number(0, 0, ANY, "NightVision: channels of a frame.")
    adaptive: bool = switch(True, "NightVision: scale the stem's channels by the whole frame.")
    domains: bool = switch(False, "NightVision: tell domains apart, and learn for each.")
    activation: str = choice("", ("", "relu6", "silu", "hard_swish"), "NightVision: of all layers.")
    box_voting: bool = switch(
        True, "As the model has it; no reports the surest of boxes that stand for one object."
    )
    normalization: ThermalNormalization = ThermalNormalization()
