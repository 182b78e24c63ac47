"""A detector whose scores mean something: from `min_score` on, so many of its detections are right.

    python tools/shift_scores.py MODEL OUT.keras --data DIR [--data DIR] [--precision 0.9]

What a focal loss calls .3 depends on how often training zooms in on objects; boards want to know
how many false alarms they get. This adds one number to the biases of all class logits, so that of
the detections on training images from the manifest's `min_score` on, the given share is right.
Which detections come before which does not change, and so no average precision does. For models
whose score is that of the class alone, without quality or objectness.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from edgedet.errors import EdgedetError, ModelError

# Of each data set, so many images tell.
IMAGES = 700
SEED = 0


def main():
    """Measure, shift, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="a run folder or a .keras file")
    parser.add_argument("out", type=Path, metavar="OUT.keras", help="the file to write")
    parser.add_argument("--data", type=Path, action="append", required=True, help="may repeat")
    parser.add_argument("--precision", type=float, default=0.9, help="share that is right")
    parser.add_argument("--min-teacher-score", type=float, default=0.6, help="as in training")
    args = parser.parse_args()

    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    try:
        run(args)
    except EdgedetError as error:
        raise SystemExit(f"shift_scores: {error}") from error


def run(args):
    """Write the model with shifted scores."""
    from comparisons import require_keras_file

    from edgedet.files import replacing
    from edgedet.training import load_trained

    require_keras_file(args.out)
    model, _ = load_trained(args.model)
    manifest = model.manifest()
    if len(manifest.kinds) > 2:
        raise ModelError(f"{args.model}: expected scores of classes alone, found {manifest.kinds}.")
    scores, right = outcomes_of(model, args)
    score = score_of(args.precision, scores, right)
    shift = log_odds(manifest.min_score) - log_odds(score)
    for level in manifest.levels:
        bias = model.network.get_layer(manifest.tensor(level, "class_logits")).bias
        bias.assign(bias + shift)
    with replacing(args.out) as temporary:
        model.save(temporary)
    print(
        f"{args.out}: of {len(scores)} detections, {args.precision:.0%} are right from {score:.3f} "
        f"on, which is {manifest.min_score} now (log-odds {shift:+.3f})"
    )


def outcomes_of(model, args):
    """Return scores `[D]` and bool `[D]`, right or not, of the detections on training images."""
    from edgedet.data.layouts import open_dataset
    from edgedet.data.sets.doubt import doubt
    from edgedet.evaluation import unfiltered
    from edgedet.evaluation.class_map import meet
    from edgedet.evaluation.results import detect_all
    from edgedet.export.inputs import chosen_subset
    from edgedet.metrics.reliability import outcomes
    from edgedet.models import keras_engine

    manifest = model.manifest()
    detect, pairs = unfiltered(keras_engine(model), manifest), []
    for folder in args.data:
        dataset = doubt(open_dataset(folder, "train"), args.min_teacher_score)
        dataset = chosen_subset(dataset, IMAGES, SEED)
        classes = meet(manifest.class_names, dataset.class_names)
        results = detect_all(detect, dataset, classes, thermal=manifest.thermal)
        pairs += map(outcomes, results.detections, results.records)
    scores, right = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
    return scores, right


def score_of(precision, scores, right):
    """Return the least score from which on the share of right detections is `precision`."""
    order = np.argsort(-scores, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(scores) + 1)
    enough = np.flatnonzero(shares >= precision)
    if not len(enough):
        raise ModelError(f"Expected {precision:.0%} of some detections to be right, found none.")
    return float(scores[order][enough[-1]])


def log_odds(score):
    """Return the logit of a score."""
    return math.log(score / (1 - score))


if __name__ == "__main__":
    main()
