"""`edgedet data show`: look at what a network learns from."""

import dataclasses
from pathlib import Path

from edgedet.cli.arguments import count, nonempty, path

HELP = "Draw training batches as the network sees them."

# Of the recipe's settings, those that change what is drawn.
WITH = ("--input-size", "--classes", "--seed", "--min-teacher-score")


def add_arguments(parser):
    from edgedet.settings import flags
    from edgedet.settings.setting import flatten
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES

    parser.add_argument(
        "--data",
        action="append",
        type=nonempty,
        metavar="DIR",
        required=True,
        help="data folder; repeat to see several together",
    )
    parser.add_argument(
        "--recipe",
        choices=sorted(RECIPES),
        default="phantom-wider",
        help="whose model and settings (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=path,
        metavar="FILE.png",
        default=Path("batches.png"),
        help="the picture to write (default: %(default)s)",
    )
    parser.add_argument("--batches", type=count, default=1, help="how many (default: 1)")
    parser.add_argument("--images", type=count, default=12, help="images a batch (default: 12)")
    recipe = Recipe()
    groups = recipe.network, recipe.feeding, recipe.assignment
    offered = {*WITH}.union(*map(flatten, groups)) - {"--cache"}
    flags.add_arguments(parser, recipe, without=flatten(recipe).keys() - offered)


def run(args):
    from edgedet.errors import UsageError
    from edgedet.files import require_writable_file
    from edgedet.settings.flags import from_arguments
    from edgedet.training.recipes import RECIPES

    if args.out.suffix.lower() != ".png":
        raise UsageError(f"--out {args.out}: expected a name that ends in .png.\nChange the name.")
    require_writable_file(args.out)
    recipe = from_arguments(RECIPES[args.recipe], args)
    feeding = dataclasses.replace(recipe.feeding, cache=False)
    recipe = dataclasses.replace(recipe, data=tuple(args.data), feeding=feeding)
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    import numpy as np

    from edgedet.evaluation.batch_sheet import batch_sheet
    from edgedet.files import write_bytes
    from edgedet.images import encode_png

    sheets = [batch_sheet(each) for each in _labelled(recipe, args.images, args.batches)]
    write_bytes(args.out, encode_png(np.concatenate(sheets)))
    print(args.out)


def _labelled(recipe, images, number):
    """Yield batches with the points that answer for their objects."""
    import numpy as np

    from edgedet.evaluation.batch_sheet import Labelled
    from edgedet.training.datasets import make_feeder, open_datasets
    from edgedet.training.failures import explaining
    from edgedet.training.model import make_model

    train, _ = open_datasets(recipe)
    model = make_model(recipe, train.class_names)
    feeder = make_feeder(train, recipe, model, min(images, len(train)))
    assign = model.assigner_of(recipe.assignment)
    # Endless epochs are never the last, plain ones.
    with explaining(recipe):
        batches = list(feeder.epochs(0, 10**9).take(number))
    for batch in batches:
        targets = assign(batch, model(batch["images"]))
        yield Labelled(
            {name: value.numpy() for name, value in batch.items()},
            *map(np.asarray, (targets.points, targets.strides, targets.labels)),
            train.class_names,
        )
