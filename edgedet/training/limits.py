"""What the settings of a recipe may be, so that a wrong one is refused before anything is read."""

from __future__ import annotations

from edgedet.errors import DataError

# Smallest and largest value of each number, both included.
RANGES = {
    "input_side": (1, float("inf")),
    "epochs": (1, float("inf")),
    "batch_size": (1, float("inf")),
    "learning_rate": (0.0, float("inf")),
    "warmup_epochs": (0.0, float("inf")),
    "final_rate": (0.0, 1.0),
    "weight_decay": (0.0, float("inf")),
    "clip_norm": (1e-6, float("inf")),
    "ema_decay": (0.0, 1.0),
    "box_weight": (0.0, float("inf")),
    "radius": (0.0, float("inf")),
    "min_side": (0.0, float("inf")),
    "zoom": (0.0, 1.0),
    "zoom_from": (1e-6, float("inf")),
    "zoom_to": (1e-6, float("inf")),
    "jitter": (1.0, float("inf")),
    "min_teacher_score": (0.0, 1.0),
    "evaluate_every": (1, float("inf")),
}
# Their functions are in `edgedet.losses`, which needs Keras; `train --list` does without it.
CHOICES = {
    "class_loss": ("focal", "quality_focal", "varifocal"),
    "box_loss": ("iou", "giou", "diou", "ciou"),
}


def check(settings: dict) -> None:
    """Refuse settings that no training can follow.

    Args:
        settings: By name, such as `batch_size`.

    Raises:
        DataError: One of them is out of its limits.
    """
    for name, (low, high) in RANGES.items():
        if not low <= settings[name] <= high:
            limits = f"at least {low:g}" if high == float("inf") else f"{low:g} to {high:g}"
            raise _wrong(name, limits, settings[name])
    for name, choices in CHOICES.items():
        if settings[name] not in choices:
            raise _wrong(name, f"one of {', '.join(choices)}", settings[name])
    if settings["zoom_from"] > settings["zoom_to"]:
        raise _wrong(
            "zoom_from", f"at most --zoom-to, {settings['zoom_to']:g}", settings["zoom_from"]
        )


def _wrong(name, expected, found):
    flag = "--" + name.replace("_", "-")
    return DataError(f"{flag}: expected {expected}, found {found}.\nSee `edgedet train --help`.")
