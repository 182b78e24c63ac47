"""Teach a detector to tell its classes apart, on crops of the objects, before it detects any.

    python tools/pretrain_on_crops.py nexus-coco crops.keras --data DIR [--data DIR] [--side 96]
    edgedet train nexus-coco --data DIR --initial crops.keras --out runs/first

See `edgedet.training.pretraining`. The fields of the recipe that count are flags: classes, size,
epochs, batch, what the network is made of, light and sensors, and the optimizer. By default it
takes 20 epochs of batches of 64 crops, whatever the recipe says.
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
    from edgedet.training.crop_accuracy import crop_accuracies
    from edgedet.training.pretraining import pretrain

    require_keras_file(args.out)
    done = pretrain(recipe, args.side)
    with replacing(args.out) as temporary:
        done.model.save(temporary)
    found = crop_accuracies(done.classifier, done.model, done.val, recipe) if done.val else []
    levels = [level.name for level in done.model.manifest().levels]
    shares = ", ".join(f"{name} {share:.3f}" for name, share in zip(levels, found, strict=False))
    print(f"named rightly, val, mean of the classes: {shares or 'unknown, val has none'}")


if __name__ == "__main__":
    main()
