"""`edgedet train`: train a detector by a recipe."""

import argparse
from pathlib import Path

HELP = "Train a detector by a recipe; every field of the recipe is a flag."


def add_arguments(parser):
    from edgedet.training.recipe import RECIPES, add_arguments

    parser.add_argument("recipe", nargs="?", choices=sorted(RECIPES), help="its name")
    parser.add_argument("--list", action="store_true", help="show the recipes and stop")
    parser.add_argument(
        "--data",
        action="append",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="data folder; repeat to train on several",
    )
    parser.add_argument("--out", type=Path, metavar="RUN", help="the run folder to write")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on after the last finished epoch of RUN, with its settings where no flag says "
        "otherwise",
    )
    add_arguments(parser)


def run(args):
    from edgedet.training.recipe import RECIPES, from_arguments

    if args.list:
        for name, recipe in sorted(RECIPES.items()):
            print(f"{name}\n{recipe.to_json()}")
        return 0
    if args.recipe is None or args.out is None or not ("data" in args or args.resume):
        from edgedet.errors import UsageError

        raise UsageError("Expected RECIPE, --data DIR and --out RUN; see `edgedet train --help`.")
    recipe = from_arguments(_begun(args.out) if args.resume else RECIPES[args.recipe], args)
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.training.loop import fit

    fit(recipe, args.out, args.resume)
    return 0


def _begun(folder):
    """Return the recipe of the run that is to be resumed."""
    from edgedet.training.recipe import Recipe
    from edgedet.training.run import Run

    return Recipe.read(Run(folder).recipe_file)
