"""What is said about one frame: a line of JSON, or lines for people."""

from __future__ import annotations

from edgedet.detections import Detections, Tracks
from edgedet.outputs import DOMAINS
from edgedet.runtime.sources.source import Frame


def frame_facts(
    frame: Frame, size, detections: Detections, milliseconds, class_names, compute: float = 1.0
) -> dict:
    """Return everything that `edgedet detect --json` says about one frame, ready for JSON.

    Args:
        frame: Where it comes from.
        size: (height, width) of its pixels.
        detections: `Detections` or `Tracks`, in its pixels.
        milliseconds: What each step took.
        class_names: Name of each label.
        compute: Multiplications spent, as a share of a dense frame.
    """
    return {
        "source": frame.source,
        "frame": frame.frame,
        "width": size[1],
        "height": size[0],
        "detections": [_object(detections, index, class_names) for index in range(len(detections))],
        "ms": {step: round(value, 3) for step, value in milliseconds.items()},
        "compute": round(float(compute), 5),
    }


def text_of(frame: Frame, facts: dict) -> str:
    """Return the facts of a frame for people, one line per object."""
    found = facts["detections"]
    head = f"{frame.shown}: {len(found)} found in {facts['ms']['total']:.1f} ms"
    if facts["compute"] < 1:
        head += f", {facts['compute']:.1%} computed"
    return "\n".join([head, *map(_line, found)])


def _line(one):
    box = " ".join(f"{side:8.1f}" for side in one["box"])
    line = f"  {one['score']:.2f}  {one['name']:12s} {box}"
    return f"{line}  {one['track_id']:4d} {one['state']}" if "track_id" in one else line


def _object(detections, index, class_names):
    label = int(detections.labels[index])
    facts = {
        "box": _rounded(detections.boxes[index]),
        "score": round(float(detections.scores[index]), 4),
        "label": label,
        "name": class_names[label],
    }
    if detections.box_std is not None:
        facts["box_std"] = _rounded(detections.box_std[index])
    if detections.domains is not None:
        facts["domain"] = DOMAINS[int(detections.domains[index])]
    if isinstance(detections, Tracks):
        facts["track_id"] = int(detections.track_ids[index])
        facts["state"] = str(detections.states[index])
    return facts


def _rounded(sides):
    return [round(float(side), 2) for side in sides]
