"""Reliability: how often detections of a score are right.

A line through the log-odds of the scores, fitted by maximum likelihood (Platt scaling, as in Guo
et al. 2017, https://arxiv.org/abs/1706.04599). Detectors whose loss is focal say too little: their
high scores are right more often than they say, and their low ones less often.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.matching import IGNORED, RIGHT, match

# Scores of 0 and 1 have no log-odds.
SUREST = 1e-4
STEPS = 50
# How firmly scores are taken at their word until detections say otherwise, in detections.
PRIOR = 1e-3


def reliability(detections: Iterable, truths: Iterable) -> dict[str, float]:
    """Return the `slope` of the true log-odds over those of the scores, and the `neutral` score.

    Args:
        detections: One per image, weak ones too.
        truths: One per image, with `boxes`, `labels` and, optionally, `ignored`.

    Raises:
        ValueError: All detections are right, or none is.
    """
    pairs = [outcomes(found, truth) for found, truth in zip(detections, truths, strict=True)]
    scores, right = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
    if right.all() or not right.any():
        raise ValueError("detections: expected right ones and wrong ones, received one kind.")
    scores = np.clip(scores.astype("float64"), SUREST, 1 - SUREST)
    slope, offset = _fitted(np.log(scores / (1 - scores)), right)
    return {"slope": float(slope), "neutral": float(1 / (1 + np.exp(offset / slope)))}


def outcomes(detections, truth) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and bool, right or not, of the detections that are one or the other, `[K]`.

    Args:
        detections: Of one image.
        truth: Of the same, with `boxes`, `labels` and, optionally, `ignored`.
    """
    truth, scores, right = GroundTruth.of(truth), [], []
    for label in np.unique(detections.labels):
        own = detections[detections.labels == label]
        found, _ = match(own, truth[truth.labels == label])
        scores.append(own.scores[found != IGNORED])
        right.append(found[found != IGNORED] == RIGHT)
    return np.concatenate([np.zeros(0), *scores]), np.concatenate([np.zeros(0, bool), *right])


def _fitted(x, right):
    """Return slope and offset of a logistic regression, by Newton's method."""
    columns, word = np.stack([x, np.ones_like(x)]), np.array([1.0, 0.0])
    line = word
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(line @ columns)))
        weights = np.maximum(p * (1 - p), 1e-9)
        curvature = (weights * columns) @ columns.T + PRIOR * np.eye(2)
        line = line + np.linalg.solve(curvature, columns @ (right - p) + PRIOR * (word - line))
    return line
