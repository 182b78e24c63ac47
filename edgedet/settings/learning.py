"""How a network learns: which points answer for an object, what a mistake costs, how to step."""

from __future__ import annotations

import dataclasses

from edgedet.settings.setting import Settings, choice, number

ANY = float("inf")


@dataclasses.dataclass(frozen=True)
class Assignment(Settings):
    """Which points answer for an object; see `edgedet.targets`."""

    assigner: str = choice("center", ("center",), "How points are chosen.")
    radius: float = number(
        1.2, 0, ANY, "Points up to so many strides from an object's centre answer for it."
    )


@dataclasses.dataclass(frozen=True)
class Loss(Settings):
    """What mistakes cost; see `edgedet.losses`."""

    class_loss: str = choice(
        "quality_focal", ("focal", "quality_focal", "varifocal"), "Loss of the classes."
    )
    box_loss: str = choice(
        "giou", ("iou", "giou", "diou", "ciou"), "Loss of the boxes, at positive points."
    )
    class_weight: float = number(1.0, 0, ANY, "Weight of the class term.")
    box_weight: float = number(
        2.0, 0, ANY, "Weight of the box term; more gives tighter boxes at the cost of recall."
    )


@dataclasses.dataclass(frozen=True)
class Optimization(Settings):
    """How the weights follow the gradients."""

    learning_rate: float = number(3e-3, 0, ANY, "Its peak, after the warm-up.")
    warmup_epochs: float = number(2.0, 0, ANY, "Epochs in which the learning rate rises from zero.")
    final_rate: float = number(
        0.01, 0, 1, "Share of the peak that is left in the last epoch (cosine in between)."
    )
    weight_decay: float = number(5e-4, 0, ANY, "Of kernels; biases and norms are left alone.")
    clip_norm: float = number(10.0, 1e-6, ANY, "Gradients longer than this are shortened.")
    ema_decay: float = number(
        0.9998,
        0,
        1,
        "Weight of the past in the averaged weights, which are what is kept; nearer to 1 is "
        "smoother and slower.",
    )
