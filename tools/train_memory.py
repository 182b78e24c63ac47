"""Train an object memory on simulated sequences.

    python tools/train_memory.py nexus --data DIR --out memory.npz
    edgedet export ... --part memory.npz

It learns from sequences made of the train part of a data set, with boxes as a detector might see
them, and from the looks in them on other ways. The best epoch is chosen on the val part.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np

from edgedet.data.layouts import open_dataset
from edgedet.data.sequences import sequences
from edgedet.models import MODELS
from edgedet.outputs import LOG_VARIANCE, of_role
from edgedet.parts import rounded, save_part
from edgedet.runtime.tracking.memory import ObjectMemory
from edgedet.training.memory import prediction_errors, train_memory
from edgedet.training.resimulation import resimulated
from edgedet.training.track_clips import track_clips

# (height, width) of the frames, and frames of a sequence.
SIZE, LENGTH = (192, 256), 48
BATCH = 4
# Other motions for each of the train and the val part.
MOTIONS = {"train": 2, "val": 1}


def main():
    """Train, report, and write."""
    args = arguments()
    detector = MODELS[args.model]()
    has_std = of_role(detector.kinds, LOG_VARIANCE) is not None
    keras.utils.set_random_seed(args.seed)
    memory = detector.object_memory()
    counts = {"train": args.sequences, "val": args.held_out}
    clips = [
        made(open_dataset(args.data, split), split, count, (memory.side, has_std), args.seed)
        for split, count in counts.items()
    ]
    train_memory(memory, *clips, epochs=args.epochs, seed=args.seed)
    weights = memory.weights_by_name()
    save_part(args.out, weights)
    for frames, errors in prediction_errors(ObjectMemory(rounded(weights)), clips[1]).items():
        print(frames, {name: round(value, 3) for name, value in errors.items()})


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", choices=["nexus", "phantom"])
    parser.add_argument("--data", type=Path, required=True, help="a data set with still images")
    parser.add_argument("--out", type=Path, required=True, help="its weights, .npz")
    parser.add_argument("--sequences", type=int, default=400, help="to learn from")
    parser.add_argument("--held-out", type=int, default=64, help="to choose the epoch on")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def made(dataset, split, count, how, seed):
    """Return tracks of sequences made of a part of a data set."""
    seed = 2 * seed + (split == "val")
    films = sequences(dataset, SIZE, LENGTH, BATCH, seed).take(count // BATCH)
    side, has_std = how
    clips = [track_clips(films, side, has_std, seed)]
    for number in range(MOTIONS[split]):
        clips.append(resimulated(clips[0], has_std, 100 * seed + number))
    return {name: np.concatenate([part[name] for part in clips]) for name in clips[0]}


if __name__ == "__main__":
    main()
