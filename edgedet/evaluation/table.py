"""The numbers of an evaluation as lines of text for people."""

from __future__ import annotations

from edgedet.metrics import names


def table_of(metrics: dict, title: str) -> str:
    """Return what was measured on still images.

    Args:
        metrics: See `evaluate_completely`.
        title: What was measured on what.
    """
    groups = (*names.COCO, *names.WIDER_FACE, *names.POINTS, *names.BOX_STD)
    lines = [_head(metrics, title), "", *_rows(metrics, groups)]
    lines += ["", "AP50 of each class", *_classes(metrics)]
    for name, part in metrics.get("per_set", {}).items():
        lines += ["", name, *_rows(part, ("ap50",)), *_classes(part)]
    return "\n".join(lines)


def tracking_table_of(metrics: dict, title: str) -> str:
    """Return what was measured on sequences.

    Args:
        metrics: See `evaluate_tracking`.
        title: What was measured on what.
    """
    lines = [_head(metrics, title), "", *_rows(metrics, names.TRACKING)]
    for name, part in metrics["sequences"].items():
        lines += ["", name, *_rows(part, names.TRACKING)]
    return "\n".join(lines)


def _head(metrics, title):
    skipped = f", {metrics['skipped']} unreadable and skipped" if metrics["skipped"] else ""
    return f"{title}: {metrics['images']} images{skipped}"


def _rows(metrics, wanted):
    return [_row(name, metrics[name]) for name in wanted if name in metrics]


def _classes(metrics):
    return [_row(f"  {name}", value) for name, value in metrics["per_class"].items()]


def _row(name, value):
    text = "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
    return f"{name:<20} {text:>6}"
