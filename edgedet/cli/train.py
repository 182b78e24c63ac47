"""`edgedet train`: train a detector by a recipe."""

from pathlib import Path

HELP = "Train a detector by a recipe; every field of the recipe is a flag."


def add_arguments(parser):
    from edgedet.training.recipe import RECIPES, add_arguments

    parser.add_argument("recipe", nargs="?", choices=sorted(RECIPES), help="its name")
    parser.add_argument("--list", action="store_true", help="show the recipes and stop")
    parser.add_argument(
        "--data", action="append", metavar="DIR", help="data folder; repeat to train on several"
    )
    parser.add_argument("--out", type=Path, metavar="RUN", help="the run folder to write")
    parser.add_argument(
        "--resume", action="store_true", help="go on after the last finished epoch of RUN"
    )
    add_arguments(parser)


def run(args):
    from edgedet.training.recipe import RECIPES, from_arguments

    if args.list:
        for name, recipe in sorted(RECIPES.items()):
            print(f"{name}\n{recipe.to_json()}")
        return 0
    if args.recipe is None or args.out is None or not (args.data or args.resume):
        from edgedet.errors import DataError

        raise DataError("Expected RECIPE, --data DIR and --out RUN; `edgedet train --help`.")
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.training.fit import fit

    args.data = tuple(args.data or ())
    fit(from_arguments(RECIPES[args.recipe], args), args.out, args.resume)
    return 0
