"""Teach a detector to tell its classes apart, on crops of the objects, before it detects any.

    python tools/pretrain_on_crops.py nexus-coco crops.keras --data DIR [--data DIR] [--side 96]
    edgedet train nexus-coco --data DIR --initial crops.keras --out runs/first

See `edgedet.training.pretraining`. Of the recipe, what counts are its flags here: what the data
and its classes are, size, epochs, batch, seed, what the network is made of, light and sensors, and
the optimizer. By default it takes 20 epochs of batches of 64 crops, whatever the recipe says.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from edgedet.errors import EdgedetError

# Crops are small and seen sooner than images.
EPOCHS, BATCH = 20, 64
# What is not asked of crops: where objects are, how a data set is gone through, a teacher.
WITHOUT_GROUPS = ("Feeding", "Zoom", "Assignment", "Loss", "Distillation")
WITHOUT = (
    *("--model", "--data", "--initial", "--evaluate-every", "--strategy"),
    *("--accumulate", "--synchronize-norms", "--ema-decay"),
)
UNKNOWN = "unknown, no val part has objects that can be asked about"


def main():
    """Learn, write, report."""
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.settings.flags import from_arguments
    from edgedet.training.recipes import RECIPES

    args = parse()
    usual = {"data": tuple(args.data), "epochs": EPOCHS, "batch_size": BATCH}
    recipe = dataclasses.replace(RECIPES[args.recipe], **usual)
    try:
        run(from_arguments(recipe, args), args)
    except EdgedetError as error:
        sys.exit(f"pretrain_on_crops: {error}")


def parse():
    """Return the arguments."""
    from edgedet.settings.flags import add_arguments
    from edgedet.settings.setting import flatten
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("recipe", choices=sorted(RECIPES), help="its name")
    parser.add_argument("out", type=Path, metavar="OUT.keras", help="the file to write")
    parser.add_argument("--data", action="append", required=True, help="may repeat")
    parser.add_argument("--side", type=int, default=96, help="of the crops (default: %(default)s)")
    fields = flatten(Recipe())
    unasked = {flag for flag in fields if type(fields[flag][0]).__name__ in WITHOUT_GROUPS}
    add_arguments(parser, Recipe(), without=unasked | {*WITHOUT})
    return parser.parse_args()


def run(recipe, args):
    """Write the model, and say how often each level is right."""
    from comparisons import require_keras_file

    from edgedet.files import replacing
    from edgedet.training.pretraining import pretrain

    require_keras_file(args.out)
    done = pretrain(recipe, args.side)
    with replacing(args.out) as temporary:
        done.model.save(temporary)
    # What is measured now may fail; what was learned is kept.
    print(f"{args.out} is written.", flush=True)
    print(f"named rightly, val, mean of the classes: {shares(done, recipe) or UNKNOWN}")


def shares(done, recipe):
    """Return how often each level is right, such as `p3 0.512, p4 0.604`; nothing if unknown."""
    from edgedet.training.crop_accuracy import crop_accuracies

    if done.val is None:
        return ""
    found = crop_accuracies(done.classifier, done.model, done.val, recipe)
    levels = [level.name for level in done.model.manifest().levels]
    # Where nothing could be asked, there is no number for any level.
    return ", ".join(f"{name} {share:.3f}" for name, share in zip(levels, found, strict=False))


if __name__ == "__main__":
    main()
