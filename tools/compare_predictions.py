"""How well the next boxes of people and faces are predicted: a memory against the filters alone.

    python tools/compare_predictions.py --data DIR --sequences A,B --model FILE.tflite

The filters see the annotated boxes of MOT sequences, exact or shaken as a detector would, and say
where they are some frames ahead; the memory in the model's file corrects them. Beside the filters
as they are stands the best of five, chosen on these very sequences for each number.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from edgedet.data import mot
from edgedet.data.sequences.sightings import Sightings, sight
from edgedet.images import read
from edgedet.parts import read_part
from edgedet.runtime.tracking.kalman import MotionNoise
from edgedet.runtime.tracking.memory import ObjectMemory
from edgedet.runtime.tracking.patch import patches
from edgedet.runtime.tracking.stream import MEMORY
from edgedet.training.memory import prediction_errors
from edgedet.training.track_clips import followed

SHOWN = (1, 3, 10)
# How much velocities may change, in sizes; the third is what the tracker takes.
ACCELERATIONS = (0.002, 0.004, 0.008, 0.016, 0.032)
# Log-odds of a sure detection, and how exact it says that it is, in sizes.
SURE, EXACT = 3.0, 0.02


def main():
    """Print IoU and negative log-likelihood for each sequence and number of frames ahead."""
    args = arguments()
    memory = ObjectMemory(read_part(args.model, MEMORY))
    names = [name for name in args.sequences.split(",") if name]
    for dataset in mot.read_sequences(args.data, names):
        boxes = truth(dataset)
        for kind, seen in (("exact", exact(boxes)), ("shaken", shaken(boxes))):
            images = (read(record.image)[0] for record in dataset.records)
            looks = [patches(image, seen.boxes[t], memory.side) for t, image in enumerate(images)]
            every = {}
            for acceleration in ACCELERATIONS:
                noise = MotionNoise(acceleration=acceleration)
                clip = followed(boxes, seen, noise, args.has_std)
                clip = {name: array[None] for name, array in clip.items()}
                clip["patch"] = np.stack(looks, axis=1)[None]
                every[acceleration] = prediction_errors(memory, clip)
            for frames in SHOWN:
                found = [errors[frames] for errors in every.values()]
                ours = every[MotionNoise().acceleration][frames]
                print(dataset[0].dataset, kind, frames, line(ours, found), flush=True)


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="MOT sequences")
    parser.add_argument("--sequences", default="", help="only these, NAME,...")
    parser.add_argument("--model", type=Path, required=True, help="a .tflite with a memory")
    parser.add_argument("--has-std", action="store_true", help="boxes come with their doubts")
    return parser.parse_args()


def truth(dataset):
    """Return the boxes of everybody, float64 `[T, N, 4]`; of no area where there is none."""
    ids = sorted({int(number) for record in dataset.records for number in record.track_ids})
    boxes = np.zeros((len(dataset), len(ids), 4))
    for place, record in enumerate(dataset.records):
        boxes[place, np.searchsorted(ids, record.track_ids)] = record.boxes
    return boxes


def exact(boxes):
    """Return everybody as a detector would that makes no mistakes."""
    there = boxes[..., 2] > boxes[..., 0]
    size = np.sqrt(np.maximum((boxes[..., 2:] - boxes[..., :2]).prod(axis=-1), 1e-6))
    return Sightings(boxes, np.full(there.shape, SURE), EXACT * size, there)


def shaken(boxes):
    """Return everybody as a usual detector would see them."""
    there = (boxes[..., 2] > boxes[..., 0]).astype(float)
    return sight(boxes, there, np.random.default_rng(0))


def line(errors, every):
    """Return the numbers as text."""
    iou, nll = max(e["filter_iou"] for e in every), min(e["filter_nll"] for e in every)
    return (
        f"IoU {errors['iou']:.3f} (filter {errors['filter_iou']:.3f}, best {iou:.3f})  "
        f"NLL {errors['nll']:.2f} (filter {errors['filter_nll']:.2f}, best {nll:.2f})  "
        f"n {errors['count']}"
    )


if __name__ == "__main__":
    main()
