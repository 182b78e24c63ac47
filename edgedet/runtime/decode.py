"""From raw outputs to candidates: threshold first, then decode only what passed.

Score: the sigmoid of the class logit, its geometric mean with centerness or quality where the
model gives one (Tian et al. 2019, https://arxiv.org/abs/1904.01355), times objectness
(Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430), times how likely it is that the scene is
one of those that hold such objects, where the model tells domains apart.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from edgedet import outputs
from edgedet.geometry import boxes as box_geometry
from edgedet.geometry import ltrb
from edgedet.geometry.points import feature_size, level_points
from edgedet.manifest import Manifest

# Suppression costs the square of the candidates; more than this many never matter.
TOP_K = 1000
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
        box_std: float32 `[N, 4]`, standard deviation of each side in pixels of the network
            input, or `None` where the model does not estimate it.
        domains: int32 `[N]`, see `Detections`.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    box_std: np.ndarray | None = None
    domains: np.ndarray | None = None

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
        self._class = outputs.of_role(manifest.kinds, outputs.CLASS)
        self._box = outputs.of_role(manifest.kinds, outputs.BOX)
        self._quality = outputs.of_role(manifest.kinds, outputs.QUALITY)
        self._objectness = outputs.of_role(manifest.kinds, outputs.OBJECTNESS)
        self._log_variance = outputs.of_role(manifest.kinds, outputs.LOG_VARIANCE)
        self._domain = outputs.of_role(manifest.kinds, outputs.DOMAIN)
        self._holds = _holds(manifest)
        self._min_logit = _min_logit(min_score, self._quality is not None)
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
        columns = map(np.concatenate, zip(*levels, strict=True))
        scores, labels, domains, sides, points, strides = columns
        best = _best_first(scores)
        scores, labels, sides, strides = scores[best], labels[best], sides[best], strides[best]
        # A head may say anything, and what overflows is dropped.
        with np.errstate(over="ignore", invalid="ignore"):
            boxes = ltrb.decode(ltrb.activate(sides[:, :4]), points[best], strides)
            area = box_geometry.area(boxes)
            box_std = self._box_std(sides[:, 4:], strides)
        # NaN is neither more nor less.
        sound = (area > 0) & (area < MAX_AREA)
        if box_std is not None:
            sound &= np.isfinite(box_std).all(axis=1)
            box_std = box_std[sound]
        domains = None if self._domain is None else domains[best][sound]
        return Candidates(boxes[sound], scores[sound], labels[sound], box_std, domains)

    def _box_std(self, log_variance, strides):
        """Return the standard deviation of each side in pixels, if the model says it."""
        if self._log_variance is None:
            return None
        scale = np.float32(self._manifest.box_std_scale)
        return np.exp(0.5 * log_variance) * strides[:, None] * scale

    def _level(self, raw, level, points):
        """Return scores, labels, domains, what is said of the sides, points and strides."""
        logits = self._of(raw, level, self._class).reshape(-1)
        passing = np.flatnonzero(logits >= self._min_logit)
        place, labels = np.divmod(passing, len(self._manifest.class_names))
        scores = _sigmoid(logits[passing])
        if self._quality is not None:
            scores = np.sqrt(scores * _sigmoid(self._of(raw, level, self._quality)[place, 0]))
        if self._objectness is not None:
            scores = scores * _sigmoid(self._of(raw, level, self._objectness)[place, 0])
        domains = np.zeros(len(place), "int32")
        if self._domain is not None:
            shares = _softmax(self._of(raw, level, self._domain)[place])
            scores = scores * (shares * self._holds[labels]).sum(axis=1)
            domains = shares.argmax(axis=1).astype("int32")
        kept = scores >= self._min_score
        if not kept.all():
            place, labels = place[kept], labels[kept]
            scores, domains = scores[kept], domains[kept]
        sides = self._of(raw, level, self._box)[place]
        if self._log_variance is not None:
            sides = np.hstack([sides, self._of(raw, level, self._log_variance)[place]])
        strides = np.full(len(place), level.stride, "float32")
        return scores, labels.astype("int32"), domains, sides, points[place], strides

    def _of(self, raw, level, kind):
        """Return what a level says of one kind, `[P, k]`."""
        tensor = raw[self._manifest.tensor(level, kind)]
        return tensor.reshape(-1, tensor.shape[-1])


def _holds(manifest):
    """Return whether each class is in each domain, float32 `[C, D]`."""
    if not manifest.domain_classes:
        return np.ones((len(manifest.class_names), len(outputs.DOMAINS)), "float32")
    held = [[name in names for names in manifest.domain_classes] for name in manifest.class_names]
    return np.array(held, "float32")


def _min_logit(min_score, has_quality):
    # Even the best quality lifts a class score only to its square root.
    needed = min_score**2 if has_quality else min_score
    if needed <= 0:
        return -math.inf
    return math.inf if needed >= 1 else math.log(needed / (1 - needed)) - LOGIT_SLACK


def _best_first(scores):
    """Return the indices of the best `TOP_K` scores, best first, equal ones in order."""
    return np.argsort(-scores, kind="stable")[:TOP_K]


def _softmax(logits):
    # What is not finite becomes NaN, and is dropped as it is no score.
    with np.errstate(invalid="ignore"):
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _sigmoid(logits):
    # The exponent is never positive, so nothing overflows.
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1, small) / (1 + small)
