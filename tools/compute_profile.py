"""What a sparse detector spends on a sequence: frame 1, 5 and 30 after a beginning, and the whole.

    python tools/compute_profile.py SEQUENCE --model FILE.tflite [--frames 1-45] [--save PNG]

Frames 5 and 30 are means over ten beginnings, spread evenly over the sequence. Times are of all
frames but the first, after they are read: of each frame the shortest of some rounds, in which the
dense and the sparse detector take turns.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from edgedet.evaluation.compute_plot import MARKS, compute_from, compute_of, write_compute_plot
from edgedet.runtime import EdgeDetector
from edgedet.runtime.sources import open_source
from edgedet.runtime.sparse import SparseDetector

ROUNDS = 9


def main():
    """Measure, print a table, and draw."""
    args = arguments()
    detect = EdgeDetector.load(args.model)
    first, last = (int(number) for number in args.frames.split("-"))
    source = open_source(args.source)
    frames = [frame.read for frame in source if first <= frame.frame <= last]
    begun, whole = compute_from(detect, frames), compute_of(detect, frames)
    for mark in MARKS:
        print(f"frame {mark:3d}  {begun[:, mark - 1].mean():7.2%}")
    print(f"all but the first of {len(whole)}  {whole[1:].mean():.2%}")
    dense, sparse = (1e3 * spent[1:].mean() for spent in times_of(detect, frames))
    print(f"time  {sparse:.3f} ms, dense {dense:.3f} ms  {sparse / dense:.1%}")
    if args.save:
        title = f"{args.model.stem} on {source.name}"
        write_compute_plot(args.save, whole, begun, title)


def times_of(detect, frames):
    """Return the seconds that each frame takes the dense and the sparse detector, `[2, frames]`."""
    rounds = [
        [_times(make(), frames) for make in (lambda: detect, lambda: SparseDetector(detect))]
        for _ in range(ROUNDS)
    ]
    return np.min(rounds, axis=0)


def _times(detect, frames):
    spent = []
    for read in frames:
        frame, start = read(), time.perf_counter()
        detect(frame)
        spent.append(time.perf_counter() - start)
    return spent


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", help="a folder of frames or a MOT sequence folder")
    parser.add_argument("--model", type=Path, required=True, help="a .tflite with stages")
    parser.add_argument("--frames", default="0-1000000", help="FIRST-LAST, as the source counts")
    parser.add_argument("--save", type=Path, help="draw it as a PNG, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
