"""What a thermal detector is worth on the frames of another sensor: one table, by AP50.

    python tools/disturb_frames.py MODEL... --data DIR

Measures each model on the val part of DIR as it is, and again with each frame changed as sensors
do it: dark and bright exchanged; another gain and offset for each frame, in the 8 bits of an
8-bit sensor; dead pixels, black or white. Models are runs, .keras or .tflite files.
"""

import argparse
from pathlib import Path

import numpy as np
from comparisons import figure, table

from edgedet.cli.loading import load_detector, start_tensorflow

# Of the frames that another sensor gives: gain and offset are drawn for each, of 1 and of 255.
GAINS, OFFSETS = (0.3, 0.6), (0.0, 0.4)
# Share of the pixels that are dead.
DEAD = 0.005


def main():
    """Measure every model under every disturbance, and print the table."""
    args = parse()
    start_tensorflow()
    from edgedet.data.layouts import open_dataset

    dataset = open_dataset(args.data, "val")
    rows = [
        [path.name, *(figure(value) for value in measured(path, dataset))] for path in args.models
    ]
    print(table(["as it is", "inverted", "gain and offset", "dead pixels"], rows), end="")


def parse():
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="of thermal frames")
    parser.add_argument("--data", type=Path, required=True, help="data folder with a val part")
    return parser.parse_args()


def measured(path, dataset):
    """Return AP50 on the frames as they are, and under each disturbance."""
    from edgedet.evaluation import evaluate
    from edgedet.evaluation.inversion import seeing_inverted
    from edgedet.evaluation.results import unchanged

    detect = load_detector(path, 2)
    ways = [(detect, unchanged), seeing_inverted(detect), (detect, Sensor()), (detect, dead)]
    return [evaluate(each, dataset, transform=way).metrics["ap50"] for each, way in ways]


class Sensor:
    """Another sensor: a gain and an offset of its own for each frame, the same in every run."""

    def __init__(self):
        self._generator = np.random.default_rng(0)

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """Return a frame `[H, W]` or `[H, W, B]` of the same type, in another part of its range."""
        most = np.iinfo(frame.dtype).max
        gain, offset = self._generator.uniform(*GAINS), self._generator.uniform(*OFFSETS)
        return np.rint(frame * gain + offset * most).clip(0, most).astype(frame.dtype)


def dead(frame: np.ndarray) -> np.ndarray:
    """Return a frame some of whose pixels are black or white."""
    chance = np.random.default_rng(0).random(frame.shape[:2])
    changed = frame.copy()
    changed[chance < DEAD / 2] = 0
    changed[chance > 1 - DEAD / 2] = np.iinfo(frame.dtype).max
    return changed


if __name__ == "__main__":
    main()
