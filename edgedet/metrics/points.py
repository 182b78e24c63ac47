"""How well point targets are found: by the distance of centres, where overlaps say nothing.

A target of two pixels loses half its overlap by a shift of one, so infrared search counts the
targets with a detection nearby (Pd) and the detections with no target nearby.
"""

from __future__ import annotations

import numpy as np

from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.names import POINTS


def point_metrics(detections, ground_truths, pixels: float = 3.0) -> dict[str, float | None]:
    """Return `pd` and `false_alarms`.

    Args:
        detections: One `Detections` per image, those that would be reported.
        ground_truths: One per image: `boxes`, `labels` and optionally `ignored`.
        pixels: Greatest distance of two centres that belong together; more forgives more.

    Returns:
        `pd`: share of the targets with a detection of their class within `pixels`; `None`
        without targets. `false_alarms`: detections per image that are near no target; those
        near or inside an ignored region do not count.
    """
    targets = found = false_alarms = 0
    for detected, truth in zip(detections, map(GroundTruth.of, ground_truths), strict=True):
        near = _near(detected, truth, pixels)
        targets += int((~truth.ignored).sum())
        found += int((near.any(axis=0) & ~truth.ignored).sum())
        excused = _inside(_centres(detected.boxes), truth.boxes[truth.ignored])
        false_alarms += int((~near.any(axis=1) & ~excused).sum())
    share = found / targets if targets else None
    return dict(zip(POINTS, (share, false_alarms / max(len(detections), 1)), strict=True))


def _near(detected, truth, pixels):
    """Return bool `[D, G]`: same class, and centres at most `pixels` apart."""
    offsets = _centres(detected.boxes)[:, None] - _centres(truth.boxes)[None]
    same = np.asarray(detected.labels)[:, None] == truth.labels[None]
    return same & ((offsets**2).sum(axis=-1) <= pixels**2)


def _inside(centres, regions):
    after = (centres[:, None] >= regions[None, :, :2]).all(axis=-1)
    before = (centres[:, None] <= regions[None, :, 2:]).all(axis=-1)
    return (after & before).any(axis=1)


def _centres(boxes):
    boxes = np.asarray(boxes, "float64")
    return (boxes[:, :2] + boxes[:, 2:]) / 2
