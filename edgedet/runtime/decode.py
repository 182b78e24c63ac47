"""From raw outputs to candidates: threshold first, then decode only what passed.

Score: the sigmoid of the class logit, its geometric mean with centerness or quality where the
model gives one (Tian et al. 2019, https://arxiv.org/abs/1904.01355), times objectness
(Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry import ltrb
from edgedet.geometry.points import feature_size, level_points
from edgedet.manifest import Manifest

# Suppression costs the square of the candidates; more than this many never matter.
TOP_K = 1000
# Kinds of logits that say how well a point sits, and whether there is anything at all.
QUALITY_KINDS = ("centerness_logits", "quality_logits")
OBJECTNESS_KIND = "objectness_logits"
# Square pixels that no object has; what is larger, or not finite, is an overflow.
MAX_AREA = 1e12
# Keeps rounding from dropping a candidate at the threshold before its score is known.
LOGIT_SLACK = 1e-3


@dataclasses.dataclass(frozen=True)
class Candidates:
    """Decoded boxes before suppression, best first.

    Attributes:
        boxes: float32 `[N, 4]`, xyxy, pixels of the network input.
        scores: float32 `[N]` in [0, 1].
        labels: int32 `[N]`.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)


class Decoder:
    """Decodes the outputs of one model; what depends on the manifest alone is done once.

    Args:
        manifest: What the outputs mean.
        min_score: Candidates below it are dropped.
    """

    def __init__(self, manifest: Manifest, min_score: float):
        self._manifest = manifest
        self._min_score = min_score
        self._qualities = [kind for kind in QUALITY_KINDS if kind in manifest.kinds]
        self._has_objectness = OBJECTNESS_KIND in manifest.kinds
        self._min_logit = _min_logit(min_score, bool(self._qualities))
        self._points = [
            level_points(feature_size(manifest.input_size, level.stride), level.stride)
            for level in manifest.levels
        ]

    def __call__(self, raw: dict[str, np.ndarray]) -> Candidates:
        """Return the candidates of one image.

        Whatever is not finite is no candidate.

        Args:
            raw: float32 `[1, h_l, w_l, k]` (or without the 1) for each of `Manifest.tensors`.
        """
        levels = [
            self._level(raw, level, points)
            for level, points in zip(self._manifest.levels, self._points, strict=True)
        ]
        scores, labels, raw_ltrb, points, strides = map(np.concatenate, zip(*levels, strict=True))
        best = _best_first(scores)
        # A head may say anything, and what overflows is dropped.
        with np.errstate(over="ignore", invalid="ignore"):
            boxes = ltrb.decode(ltrb.activate(raw_ltrb[best]), points[best], strides[best])
            area = box_geometry.area(boxes)
        # NaN is neither more nor less.
        sound = (area > 0) & (area < MAX_AREA)
        return Candidates(boxes[sound], scores[best][sound], labels[best][sound])

    def _level(self, raw, level, points):
        """Return scores, labels, raw box, point and stride of what passes on one level."""
        logits = raw[self._manifest.tensor(level, "class_logits")].reshape(-1)
        passing = np.flatnonzero(logits >= self._min_logit)
        place, labels = np.divmod(passing, len(self._manifest.class_names))
        scores = _sigmoid(logits[passing])
        for kind in self._qualities:
            scores = np.sqrt(scores * self._factor(raw, level, kind, place))
        if self._has_objectness:
            scores = scores * self._factor(raw, level, OBJECTNESS_KIND, place)
        kept = scores >= self._min_score
        if not kept.all():
            place, labels, scores = place[kept], labels[kept], scores[kept]
        raw_ltrb = raw[self._manifest.tensor(level, "box_ltrb")].reshape(-1, 4)[place]
        strides = np.full(len(place), level.stride, "float32")
        return scores, labels.astype("int32"), raw_ltrb, points[place], strides

    def _factor(self, raw, level, kind, place):
        return _sigmoid(raw[self._manifest.tensor(level, kind)].reshape(-1)[place])


def _min_logit(min_score, has_quality):
    # Even the best quality lifts a class score only to its square root.
    needed = min_score**2 if has_quality else min_score
    if needed <= 0:
        return -math.inf
    return math.inf if needed >= 1 else math.log(needed / (1 - needed)) - LOGIT_SLACK


def _best_first(scores):
    """Return the indices of the best `TOP_K` scores, best first, equal ones in order."""
    return np.argsort(-scores, kind="stable")[:TOP_K]


def _sigmoid(logits):
    # The exponent is never positive, so nothing overflows.
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1, small) / (1 + small)
