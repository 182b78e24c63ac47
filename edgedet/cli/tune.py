"""`edgedet tune`: search for better settings of a recipe."""

import dataclasses

from edgedet.cli.arguments import count, lasting_path, path

HELP = "Search for better settings of a recipe, by AP50 on the val part."


def add_arguments(parser):
    from edgedet.settings.flags import add_arguments
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES
    from edgedet.training.search import USUAL

    parser.add_argument("recipe", choices=sorted(RECIPES), help="its name")
    parser.add_argument(
        "--data",
        action="append",
        type=lasting_path,
        metavar="DIR",
        required=True,
        help="data folder; repeat to train on several; the first has the val part",
    )
    parser.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        required=True,
        help="the folder of the search; one that exists goes on, also in several processes at once",
    )
    parser.add_argument(
        "--search",
        action="append",
        default=[],
        metavar="FIELD=LOW:HIGH",
        help="a setting to vary, also FIELD=VALUE,VALUE or, of a name or a switch, FIELD; repeat "
        f"for more (default: {', '.join(USUAL)})",
    )
    parser.add_argument(
        "--trials", type=count, default=20, help="trainings in the end (default: %(default)s)"
    )
    add_arguments(parser, Recipe(), without=("--data", "--model", "--strategy"))


def run(args):
    from edgedet.settings.flags import from_arguments
    from edgedet.training.recipes import RECIPES
    from edgedet.training.search import parse_space

    named = dataclasses.replace(RECIPES[args.recipe], data=tuple(args.data))
    recipe = from_arguments(named, args)
    space = parse_space(recipe, args.search)
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.training.tune import TABLE, tune, words

    best = tune(recipe, space, args.out, args.trials).best_trial
    print(f"AP50 {best.value:.4f}  trial {best.number}  {words(best.params)}")
    print(args.out / TABLE)
    return 0
