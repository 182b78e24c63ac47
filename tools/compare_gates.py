"""What gates cost and what they overlook, on videos that are simulated from training images.

    python tools/compare_gates.py FILE.tflite --data DIR [--gate NAME FIELD=VALUE,...] [--save PNG]

Prints, for each kind of video and each gate, the average precision of the dense detector, what a
sparse one has more or less, and its mean compute after the first frame; and then the same of all
videos together. The images are those that `train_predictor.py` does not learn from. Gates:

    difference  threshold          grey levels to the frame before
    reference   threshold          grey levels to what was last computed
    events      contrast, reach, ...   any field of `EventSettings`
    prediction  threshold          surprise; the predictor is that of FILE, or of --predictor

`EventSettings` has its values from here: the highest contrast with which nothing that moves loses
more than .003 of AP50 (Phantom, faces).

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
from collections import defaultdict
from pathlib import Path

import numpy as np
from simulated_video import FILMS, simulate, subjects

from edgedet.data import layouts
from edgedet.metrics import coco_metrics
from edgedet.parts import read_part
from edgedet.runtime import EdgeDetector
from edgedet.runtime.sparse import Events, Prediction, SparseDetector
from edgedet.runtime.sparse.events import EventSettings, active_cells
from edgedet.runtime.sparse.prediction import PART
from edgedet.runtime.sparse.staged import StagedNetwork

USUAL = (
    ("difference", "threshold=8,15,25"),
    ("reference", "threshold=15,25,40"),
    ("events", "contrast=.1,.2,.3"),
    ("prediction", "threshold=12,20,32"),
)
# Samples that must differ for a cell to be computed.
LEAST = EventSettings(least=2)


class FrameDifference:
    """The plain gate: grey levels that differ by more than a threshold.

    Args:
        threshold: Grey levels.
        lasting: Compare with what was last computed, not with the frame before.
    """

    def __init__(self, threshold: float, lasting: bool):
        self._threshold, self._lasting = threshold, lasting
        self._grid, self.macs = None, 0

    def __call__(self, frame, grid):
        """Return the active cells of the next frame; see `Gate`."""
        brightness = grid.brightness(frame)
        self.macs = brightness.size
        if grid != self._grid:
            self._grid, self._before = grid, brightness
            return np.ones(grid.shape, bool)
        differing = np.abs(brightness - self._before) > self._threshold
        active = active_cells(np.stack([differing, 0 * differing]), grid, LEAST)
        seen = grid.of_samples(active) if self._lasting else True
        self._before = np.where(seen, brightness, self._before)
        return active


def main():
    """Compare, and print one table for each kind of video and one of all."""
    args = arguments()
    detect = EdgeDetector.load(args.model, min_score=0.05)
    network = StagedNetwork(detect.engine, detect.manifest)
    gates = dict(_gates(args))
    pairs = _pairs(args, detect.manifest.class_names)
    names = args.films.split(";") if args.films else list(FILMS)
    classes = len(detect.manifest.class_names)
    found, spent, truth = defaultdict(list), defaultdict(list), []
    for name in names:
        videos = [simulate(FILMS[name], *pair, seed) for seed, pair in enumerate(pairs)]
        frames = sum(map(len, videos))
        truth += [objects for video in videos for _, objects in video]
        found["dense"] += [detect(frame) for video in videos for frame, _ in video]
        for label, make in gates.items():
            detections, compute = run(detect, network, make, videos)
            found[label] += detections
            spent[label].append(np.mean(compute))
        latest = {label: detections[-frames:] for label, detections in found.items()}
        _print(
            name, _accuracy(latest, truth[-frames:], classes), {k: c[-1:] for k, c in spent.items()}
        )
    accuracy = _accuracy(found, truth, classes)
    _print("all", accuracy, spent)
    if args.save:
        _draw(args.save, accuracy, spent)


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="a .tflite with stages")
    parser.add_argument("--data", type=Path, required=True, help="a data set; its training part")
    parser.add_argument("--videos", type=int, default=8, help="of each kind")
    parser.add_argument("--films", default="", help="only these kinds, NAME;...")
    parser.add_argument("--gate", nargs="+", action="append", metavar="NAME FIELD=VALUE,...")
    parser.add_argument("--predictor", type=Path, help="a .tflite or .npz with another predictor")
    parser.add_argument("--save", type=Path, help="draw the curves as a PNG")
    return parser.parse_args()


def run(detect, network, make, videos):
    """Return what is found in each frame, and what each but the first of a video cost."""
    found, spent = [], []
    for video in videos:
        sparse = SparseDetector(detect, network, make())
        for number, (frame, _) in enumerate(video):
            found.append(sparse(frame))
            if number:
                spent.append(sparse.activity.compute)
    return found, spent


def _gates(args):
    """Yield the name of each gate with its settings, and what makes one."""
    weights = _predictor(args.predictor or args.model)
    makers = {
        "difference": lambda threshold: FrameDifference(threshold, lasting=False),
        "reference": lambda threshold: FrameDifference(threshold, lasting=True),
        "events": lambda **fields: Events(EventSettings(**fields)),
        "prediction": lambda threshold=None: Prediction(weights, threshold),
    }
    for name, *fields in args.gate or USUAL:
        if name == "prediction" and weights is None:
            continue
        names = [field.partition("=")[0] for field in fields]
        grids = [_numbers(field.partition("=")[2]) for field in fields]
        for values in itertools.product(*grids):
            settings = dict(zip(names, values, strict=True))
            said = " ".join(f"{key} {value:g}" for key, value in settings.items())
            yield f"{name} {said}".strip(), lambda n=name, s=settings: makers[n](**s)


def _predictor(path):
    return dict(np.load(path)) if path.suffix == ".npz" else read_part(path, PART)


def _pairs(args, class_names):
    """Return pairs of records: a background, and whose largest object moves in front of it."""
    dataset = layouts.open_dataset(args.data, "train")
    place = np.full(len(dataset.class_names), -1)
    for label, name in enumerate(dataset.class_names):
        place[label] = class_names.index(name) if name in class_names else -1
    records = []
    for record in subjects(dataset)[0]:
        mine = dataclasses.replace(record[place[record.labels] >= 0])
        mine = dataclasses.replace(mine, labels=place[mine.labels])
        if len(mine.boxes):
            records.append(mine)
    count = min(args.videos, len(records) // 2)
    return list(zip(records[:count], records[count : 2 * count], strict=True))


def _accuracy(found, truth, classes):
    """Return the metrics of each gate by its label."""
    return {label: coco_metrics(each, truth, classes) for label, each in found.items()}


def _print(name, accuracy, spent):
    dense = accuracy["dense"]
    print(f"{name:14}  dense  AP {dense['ap']:.4f}  AP50 {dense['ap50']:.4f}")
    for label, compute in spent.items():
        ap, ap50 = (accuracy[label][key] - dense[key] for key in ("ap", "ap50"))
        print(f"    {label:30} {ap:+.4f}  {ap50:+.4f}  compute {np.mean(compute):.4f}", flush=True)


def _draw(path, accuracy, spent):
    """Draw average precision over compute, a line for each gate."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    lines = defaultdict(list)
    for label, compute in spent.items():
        lines[label.split()[0]].append((np.mean(compute), accuracy[label]["ap"]))
    for name, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), "o-", label=name)
    axes.axhline(accuracy["dense"]["ap"], color="0.6", lw=0.8, label="dense")
    axes.set(xlabel="compute, share of dense", ylabel="AP")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)


def _numbers(text):
    return [float(value) for value in text.split(",")]


if __name__ == "__main__":
    main()
