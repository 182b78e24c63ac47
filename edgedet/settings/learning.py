"""How a network learns: which points answer for an object, what a mistake costs, how to step."""

from __future__ import annotations

import dataclasses

from edgedet.settings.setting import Settings, choice, number, path, switch

ANY = float("inf")


@dataclasses.dataclass(frozen=True)
class Assignment(Settings):
    """Which points answer for an object; see `edgedet.targets`."""

    assigner: str = choice(
        "center", ("center", "fcos", "atss", "task_aligned", "simota"), "How points are chosen."
    )
    radius: float = number(
        0.0,
        0,
        ANY,
        "With center, fcos and simota, points up to so many strides from an object's centre may "
        "answer for it; 0 leaves what the assigner takes by itself.",
    )

    def __post_init__(self):
        super().__post_init__()
        if self.radius and self.assigner in ("atss", "task_aligned"):
            raise self.refuse("radius", f"0 with --assigner {self.assigner}, which has none")


@dataclasses.dataclass(frozen=True)
class Loss(Settings):
    """What mistakes cost; see `edgedet.losses`."""

    class_loss: str = choice(
        "quality_focal", ("focal", "bce", "quality_focal", "varifocal"), "Loss of the classes."
    )
    box_loss: str = choice(
        "giou", ("iou", "giou", "diou", "ciou"), "Loss of the boxes, at positive points."
    )
    class_weight: float = number(1.0, 0, ANY, "Weight of the class term.")
    box_weight: float = number(
        2.0, 0, ANY, "Weight of the box term; more gives tighter boxes at the cost of recall."
    )
    quality_weight: float = number(1.0, 0, ANY, "Weight of the quality term.")
    objectness_weight: float = number(1.0, 0, ANY, "Weight of the objectness term.")
    log_variance_weight: float = number(
        0.5, 0, ANY, "Weight of the uncertainty of boxes, which trains no box."
    )
    domain_weight: float = number(
        0.5,
        0,
        ANY,
        "Weight of the domains, where the model tells them and --set-domains names any.",
    )
    contrast_weight: float = number(
        0.0,
        0,
        ANY,
        "Weight, within the class term, of a cross entropy between the classes at positive "
        "points; it tells rare classes from common ones sooner.",
    )


@dataclasses.dataclass(frozen=True)
class Distillation(Settings):
    """A larger network that the model learns from, too; see `edgedet.training.distillation`."""

    teacher: str = path(
        "A run folder or .keras file of a detector that is asked about every image; or none."
    )
    teacher_weight: float = number(
        1.0, 0, ANY, "Weight of what the teacher says, beside what people drew."
    )


@dataclasses.dataclass(frozen=True)
class Optimization(Settings):
    """How the weights follow the gradients."""

    optimizer: str = choice(
        "adamw",
        ("adamw", "muon", "sgd"),
        "How a gradient becomes a step; by muon, networks of wide layers learn in fewer.",
    )
    momentum: float = number(0.9, 0, 1, "Of sgd (Nesterov's); the others have their own.")
    learning_rate: float = number(3e-3, 0, ANY, "Its peak, after the warm-up.")
    warmup_epochs: float = number(2.0, 0, ANY, "Epochs in which the learning rate rises from zero.")
    schedule: str = choice("cosine", ("cosine", "step"), "How the learning rate falls.")
    final_rate: float = number(
        0.01, 0, 1, "Share of the peak that is left in the last epoch of a cosine."
    )
    drop_every: float = number(30.0, 1e-6, ANY, "Epochs between two drops of a step schedule.")
    drop_to: float = number(0.1, 0, 1, "Share of the learning rate that a drop leaves.")
    weight_decay: float = number(5e-4, 0, ANY, "Of kernels; biases and norms are left alone.")
    clip_norm: float = number(10.0, 1e-6, ANY, "Gradients longer than this are shortened.")
    accumulate: int = number(
        1, 1, ANY, "Equal parts of a batch that are computed one after another, to save memory."
    )
    synchronize_norms: bool = switch(
        True,
        "With --strategy: batch norms see the whole batch, as on one device, not only their "
        "replica's share; without, machines wait less for each other.",
    )
    precision: str = choice(
        "float32",
        ("float32", "mixed_bfloat16"),
        "What the network computes in; mixed_bfloat16 is for GPUs, on CPUs it is slower.",
    )
    ema_decay: float = number(
        0.9998,
        0,
        1,
        "Weight of the past in the averaged weights, which are what is kept; nearer to 1 is "
        "smoother and slower.",
    )
