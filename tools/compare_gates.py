"""What gates cost and what they overlook, on videos that are simulated from training images.

    python tools/compare_gates.py FILE.tflite --data DIR [--contrast .05,.1] [--reach 0,1] ...

Prints, for each kind of video and each combination of settings, the mean compute after the first
frame, and the average precision of the dense detector and of the sparse one. `EventSettings` has
its values from here: the highest contrast with which nothing that moves loses more than .003 of
AP50 (Phantom, faces).

The results on cdnet_office, face_faceocc2 and face_david were seen four times on the way. After the
first, in which noise of the video codec kept cells active, codecs were added to the simulation, and
four pixels were taken for a sample in place of one; between two others, the thresholds were chosen
anew on that simulation, twice (contrast .12, .14, .2; least 2, 4), and the refresh went from 150 to
250 frames; after the third, who stands still for some frames was no longer followed; after the
last, the heads got stages of their own. So our figures there are not of unseen data.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from pathlib import Path

import numpy as np
from simulated_video import FILMS, simulate

from edgedet.data import layouts
from edgedet.metrics import coco_metrics
from edgedet.runtime import EdgeDetector
from edgedet.runtime.sparse import Events, SparseDetector
from edgedet.runtime.sparse.events import EventSettings
from edgedet.runtime.sparse.staged import StagedNetwork

FIELDS = {field.name: field.default for field in dataclasses.fields(EventSettings)}


def main():
    """Compare, and print one table for each kind of video."""
    args = arguments()
    detect = EdgeDetector.load(args.model, min_score=0.05)
    network = StagedNetwork(detect.engine, detect.manifest)
    grids = [_numbers(getattr(args, name)) for name in FIELDS]
    settings = [
        EventSettings(**dict(zip(FIELDS, values, strict=True)))
        for values in itertools.product(*grids)
    ]
    pairs = subjects(args, detect.manifest.class_names)
    for name in args.films.split(";") if args.films else FILMS:
        videos = [simulate(FILMS[name], *pair, seed) for seed, pair in enumerate(pairs)]
        truth = [objects for video in videos for _, objects in video]
        classes = len(detect.manifest.class_names)
        dense = [detect(frame) for video in videos for frame, _ in video]
        line = f"{name:14} dense {_accuracy(dense, truth, classes)}"
        for one in settings:
            found, spent = run(detect, network, one, videos)
            changed = {k: v for k, v in dataclasses.asdict(one).items() if v != FIELDS[k]}
            accuracy = _accuracy(found, truth, classes)
            print(f"{line}  sparse {accuracy}  compute {np.mean(spent):.4f}  {changed}", flush=True)


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="a .tflite with stages")
    parser.add_argument("--data", type=Path, required=True, help="a data set; its training part")
    parser.add_argument("--videos", type=int, default=8, help="of each kind")
    parser.add_argument("--films", default="", help="only these kinds, NAME;...")
    for name, default in FIELDS.items():
        parser.add_argument(f"--{name}", default=str(default), help="values to try")
    return parser.parse_args()


def subjects(args, class_names):
    """Return pairs of records: a background and whose largest object moves in front of it."""
    dataset = layouts.open_dataset(args.data, "train")
    labels = [dataset.class_names.index(n) for n in dataset.class_names if n in class_names]
    place = np.full(len(dataset.class_names), -1)
    place[labels] = [class_names.index(dataset.class_names[label]) for label in labels]
    records = []
    for record in dataset.records:
        mine = dataclasses.replace(record[place[record.labels] >= 0])
        mine = dataclasses.replace(mine, labels=place[mine.labels])
        sides = mine.boxes[:, 3] - mine.boxes[:, 1]
        if len(sides) and sides.max() > 60 and not mine.ignored.any():
            records.append(mine)
    chosen = np.random.default_rng(1).permutation(len(records))[: 2 * args.videos]
    return [(records[a], records[b]) for a, b in chosen.reshape(-1, 2)]


def run(detect, network, settings, videos):
    """Return what is found in each frame, and what each but the first of a video cost."""
    found, spent = [], []
    for video in videos:
        sparse = SparseDetector(detect, network, Events(settings))
        for number, (frame, _) in enumerate(video):
            found.append(sparse(frame))
            if number:
                spent.append(sparse.activity.compute)
    return found, spent


def _accuracy(found, truth, classes):
    metrics = coco_metrics(found, truth, classes)
    return f"AP {metrics['ap']:.4f} AP50 {metrics['ap50']:.4f}"


def _numbers(text):
    return [float(value) if "." in value else int(value) for value in text.split(",")]


if __name__ == "__main__":
    main()
