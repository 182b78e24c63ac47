"""Our tracker and those of the `trackers` package on the very same detections.

    pip install trackers        # beside edgedet[train], in an environment of its own
    python tools/compare_trackers.py
    python tools/compare_trackers.py --data DIR --sequences A,B --model FILE.tflite
    python tools/compare_trackers.py --data DIR --sequences A,B

Without `--data`, on simulated scenes, which is where our settings come from. With it, on MOT
sequences: what a model detects there, or, without `--model`, the annotated boxes, of which some are
missed, all are shaken, and false ones are added. The others run with their own settings and with
the best of nine; which of nine is best is chosen on these very sequences. Ours runs with and
without what the model's file teaches it: an object memory, and what its scores mean.

Our numbers were chosen on simulated scenes. But results on TUD-Campus, TUD-Stadtmitte, face_david
and face_faceocc2 were seen several times on the way. After the first time, scenes without clutter
were added and weak detections were given out together with sure ones; after the second,
`agreement` was kept for objects already confirmed; after the third, scores got the meaning that
was measured of them on still images (`tools/measure_evidence.py`), and simulated sequences more
who just walk by and detectors that hardly err. So on those four our figures are not of unseen data.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import warnings
from pathlib import Path

import numpy as np
from simulated_scenes import SCENES, degraded, simulate

from edgedet.data import mot
from edgedet.detections import TENTATIVE, Tracks
from edgedet.images import read
from edgedet.metrics.tracking import sequence_metrics
from edgedet.parts import read_parts
from edgedet.runtime import EdgeDetector, Tracker
from edgedet.runtime.tracking.stream import EVIDENCE, MEMORY, WEAK_SHARE, tracking_helpers

# From which score on simulated detections are worth reporting.
MIN_SCORE = 0.3
# Least score that begins a track, and the second setting that matters most to each.
GRIDS = {
    "SORT": ("minimum_iou_threshold", (0.1, 0.3, 0.5)),
    "ByteTrack": ("high_conf_det_threshold", (0.3, 0.5, 0.6)),
}
ACTIVATIONS = (0.3, 0.5, 0.7)


def main():
    """Compare, and print one line for each tracker."""
    args = arguments()
    rivals = load_rivals()
    scenes, min_score = sequences(args)
    parts = {} if args.model is None else read_parts(args.model)
    helpers = tracking_helpers(parts)
    evidence = {name: helper for name, helper in helpers.items() if name != MEMORY}
    report("ours, as it was before it learned", scenes, lambda: Ours(min_score))
    if EVIDENCE in parts:
        report("ours, without memory", scenes, lambda: Ours(min_score, **evidence))
    if MEMORY in parts:
        report("ours", scenes, lambda: Ours(min_score, **helpers))
    for name, rival in rivals.items():
        report(name, scenes, lambda rival=rival: Theirs(rival()))
        report_best(name, scenes, rival)


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a MOT sequence or a folder of them")
    parser.add_argument("--sequences", default="", help="only these, NAME,...")
    parser.add_argument("--model", type=Path, help="a .tflite that detects")
    parser.add_argument("--seeds", type=int, default=4, help="simulations of each scene")
    return parser.parse_args()


def load_rivals():
    """Return the classes of the other trackers, by name."""
    try:
        from trackers import ByteTrackTracker, SORTTracker
    except ImportError:
        sys.exit("compare_trackers.py needs the trackers package: pip install trackers")
    warnings.simplefilter("ignore")
    return {"SORT": SORTTracker, "ByteTrack": ByteTrackTracker}


def sequences(args):
    """Return name -> (detections, truths, frames), and the least score worth reporting."""
    if args.data is None:
        return dict(simulated(args.seeds)), MIN_SCORE
    names = [name for name in args.sequences.split(",") if name]
    datasets = mot.read_sequences(args.data, names)
    if args.model is None:
        return dict(degraded_truth(datasets)), MIN_SCORE
    # As `edgedet detect --track` runs it: weak detections are there for who can use them.
    min_score = EdgeDetector.load(args.model).min_score
    detect = EdgeDetector.load(args.model, min_score=WEAK_SHARE * min_score)
    return dict(detected(datasets, detect)), min_score


def simulated(seeds):
    """Yield the simulated scenes, by name."""
    for (name, scene), seed in itertools.product(SCENES.items(), range(seeds)):
        frames = simulate(scene, 100 + seed)
        yield (
            f"{name} {seed}",
            ([frame.detections for frame in frames], frames, [None] * len(frames)),
        )


def degraded_truth(datasets):
    """Yield annotated sequences as a middling detector might see them."""
    for dataset in datasets:
        random = np.random.default_rng(0)
        frames = [read(record.image)[0] for record in dataset]
        size = frames[0].shape[:2]
        detections = [degraded(record.boxes, size, random) for record in dataset]
        yield dataset[0].dataset, (detections, dataset.records, frames)


def detected(datasets, detect):
    """Yield annotated sequences with what a model finds in them."""
    for dataset in datasets:
        frames = [read(record.image)[0] for record in dataset]
        # Only what the sequence shows is annotated.
        label = detect.manifest.class_names.index(*dataset.class_names)
        found = [found[found.labels == label] for found in map(detect, frames)]
        yield dataset[0].dataset, (found, dataset.records, frames)


class Ours:
    """Our tracker, as `edgedet detect --track --mot` reports."""

    def __init__(self, min_score, **helpers):
        self._tracker = Tracker(min_score=min_score, **helpers)

    def __call__(self, detections, frame):
        size = None if frame is None else frame.shape[:2]
        tracks = self._tracker(detections, frame_size=size, frame=frame)
        return tracks[tracks.states != TENTATIVE]


class Theirs:
    """A tracker of the `trackers` package, in our types."""

    def __init__(self, tracker):
        self._tracker = tracker

    def __call__(self, detections, frame):
        from supervision import Detections

        found = self._tracker.update(
            Detections(
                xyxy=detections.boxes.astype("float64"),
                confidence=detections.scores.astype("float64"),
                class_id=detections.labels.astype(int),
            )
        )
        ids = np.zeros(0, int) if found.tracker_id is None else np.asarray(found.tracker_id)
        sure = ids >= 0
        count = int(sure.sum())
        return Tracks(
            found.xyxy[sure],
            found.confidence[sure],
            np.zeros(count, int),
            track_ids=ids[sure],
            states=np.full(count, "matched"),
        )


def measure(scenes, make):
    """Return the numbers of all scenes together, and of each, with a new tracker for each."""
    tracked = {}
    for name, (detections, truths, frames) in scenes.items():
        tracked[name] = (list(map(make(), detections, frames)), truths)
    return sequence_metrics(tracked)


def report(name, scenes, make):
    """Print the numbers of one tracker."""
    overall, each = measure(scenes, make)
    print(line(name, overall), flush=True)
    if len(each) <= 5:
        for sequence, numbers in each.items():
            print(line(f"  {sequence}", numbers))


def report_best(name, scenes, rival):
    """Report the best of nine settings, by the sum of MOTA and IDF1."""
    other, values = GRIDS[name]
    grid = [
        {"track_activation_threshold": activation, other: value}
        for activation, value in itertools.product(ACTIVATIONS, values)
    ]

    def total(settings):
        overall, _ = measure(scenes, lambda: Theirs(rival(**settings)))
        return overall["mota"] + overall["idf1"]

    best = max(grid, key=total)
    shown = ", ".join(f"{key} {value}" for key, value in best.items())
    report(f"{name}, best of nine: {shown}", scenes, lambda: Theirs(rival(**best)))


def line(name, numbers):
    """Return the numbers as a line of text."""
    return (
        f"MOTA {numbers['mota']:.3f}  IDF1 {numbers['idf1']:.3f}  "
        f"switches {numbers['idsw']:4d}  {name}"
    )


if __name__ == "__main__":
    main()
