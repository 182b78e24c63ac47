"""Teach a detector to tell its classes apart, on crops of the objects, before it detects any.

    python tools/pretrain_on_crops.py nexus-coco crops.keras --data DIR [--data DIR] [--side 96]
    edgedet train nexus-coco --data DIR --initial crops.keras --out runs/first

See `edgedet.training.pretraining`. Every field of the recipe is a flag; of those only epochs,
batch, learning rate, light and what the network is made of count. By default it takes 20 epochs of
batches of 64 crops, whatever the recipe says.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from edgedet.errors import EdgedetError

# Crops are small and seen sooner than images.
EPOCHS, BATCH = 20, 64


def main():
    """Learn, write, report."""
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.settings.flags import add_arguments, from_arguments
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", choices=sorted(RECIPES), help="its name")
    parser.add_argument("out", type=Path, metavar="OUT.keras", help="the file to write")
    parser.add_argument("--data", action="append", required=True, help="may repeat")
    parser.add_argument("--side", type=int, default=96, help="of the crops (default: %(default)s)")
    add_arguments(parser, Recipe(), without=("--data", "--model"))
    args = parser.parse_args()
    usual = {"data": tuple(args.data), "epochs": EPOCHS, "batch_size": BATCH}
    recipe = dataclasses.replace(RECIPES[args.recipe], **usual)
    try:
        run(from_arguments(recipe, args), args)
    except EdgedetError as error:
        sys.exit(f"pretrain_on_crops: {error}")


def run(recipe, args):
    """Write the model, and say how often each level is right."""
    from edgedet.files import replacing, require_writable_file
    from edgedet.training.pretraining import pretrain

    require_writable_file(args.out)
    model, accuracies = pretrain(recipe, args.side)
    with replacing(args.out) as temporary:
        model.save(temporary)
    levels = [level.name for level in model.manifest().levels]
    shares = ", ".join(
        f"{name} {share:.3f}" for name, share in zip(levels, accuracies, strict=False)
    )
    print(f"named rightly, val, mean of the classes: {shares or 'unknown, there is no val part'}")


if __name__ == "__main__":
    main()
