"""Suppression: of several boxes around one object, one stays."""

from __future__ import annotations

import numpy as np

from edgedet.geometry.boxes import pairwise_iou
from edgedet.runtime.decode import Candidates

# Overlaps are computed for so many candidates at once: most of the rest falls before its turn.
BLOCK = 32
# How fast the vote of a box fades with 1 - IoU, squared; as the authors of variance voting have it.
NEARNESS = 0.02
# Pixels: nobody is surer of a side.
LEAST_STD = 1e-3


def per_class(candidates: Candidates, iou_threshold: float, max_detections: int) -> np.ndarray:
    """Return the indices of the candidates that stay, best first (greedy suppression).

    Args:
        candidates: Best first, as `Decoder` gives them.
        iou_threshold: Of two boxes of one label that overlap more, the better one stays;
            raise it where objects stand close together.
        max_detections: At most so many stay.
    """
    boxes, labels = candidates.boxes, candidates.labels
    kept: list[int] = []
    waiting = np.arange(len(candidates))
    while len(waiting) and len(kept) < max_detections:
        block = waiting[:BLOCK]
        overlapping = pairwise_iou(boxes[block], boxes[waiting]) > iou_threshold
        suppresses = overlapping & (labels[block][:, None] == labels[waiting])
        alive = np.ones(len(waiting), bool)
        for row, index in enumerate(block):
            if alive[row]:
                kept.append(int(index))
                alive &= ~suppresses[row]
        waiting = waiting[BLOCK:][alive[BLOCK:]]
    return np.array(kept[:max_detections], int)


def vote(candidates: Candidates, kept: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Return the kept boxes, `[D, 4]`, each averaged with those that it suppressed.

    Every box of the same label that overlaps a kept one more than the threshold speaks: with its
    score as weight (box voting: Gidaris and Komodakis 2015, https://arxiv.org/abs/1505.01749),
    which steadies boxes that 8-bit outputs make coarse; or, where the model says how sure it is of
    each side, for each side as it is sure and near (variance voting: He et al. 2019,
    https://arxiv.org/abs/1809.08545).
    """
    overlaps = pairwise_iou(candidates.boxes[kept], candidates.boxes)
    voters = (overlaps > iou_threshold) & (candidates.labels[kept][:, None] == candidates.labels)
    # A box has its own vote, whatever rounding makes of its overlap with itself.
    own = np.arange(len(kept)), kept
    voters[own], overlaps[own] = True, 1.0
    if candidates.box_std is None:
        weights = voters * np.maximum(candidates.scores, np.finfo("float32").tiny)
        return weights @ candidates.boxes / weights.sum(axis=1, keepdims=True)
    near = voters * np.exp(-((1 - overlaps) ** 2) / NEARNESS)
    sure = np.maximum(candidates.box_std.astype("float64"), LEAST_STD) ** -2
    return near @ (sure * candidates.boxes) / (near @ sure)
