"""`edgedet train`: train a detector by a recipe."""

import dataclasses
import logging

from edgedet.cli.arguments import lasting_path, path

HELP = "Train a detector by a recipe; every field of the recipe is a flag."

log = logging.getLogger("edgedet.cli.train")


def add_arguments(parser):
    from edgedet.settings.flags import add_arguments
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES

    parser.add_argument("recipe", nargs="?", choices=sorted(RECIPES), help="its name")
    parser.add_argument("--list", action="store_true", help="show the recipes and stop")
    parser.add_argument(
        "--data",
        action="append",
        type=lasting_path,
        metavar="DIR",
        default=[],
        help="data folder; repeat to train on several",
    )
    parser.add_argument("--out", type=path, metavar="RUN", help="the run folder to write")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on after the last finished epoch of RUN, with its settings where no flag says "
        "otherwise",
    )
    # The folders are a repeated option, above, and the model is the recipe's.
    add_arguments(parser, Recipe(), without=("--data", "--model"))


def run(args):
    if args.list:
        from edgedet.training.recipes import RECIPES

        print("\n\n".join(_described(name) for name in sorted(RECIPES)))
        return 0
    if args.recipe is None or args.out is None or not (args.data or args.resume):
        from edgedet.errors import UsageError

        raise UsageError("Expected RECIPE, --data DIR and --out RUN; see `edgedet train --help`.")
    recipe = _recipe(args)
    _start(recipe)
    from edgedet.training.loop import fit

    fit(recipe, args.out, args.resume)
    return 0


def _described(name):
    """Return what a recipe is for, what it measured, and its settings that are not the usual."""
    import textwrap

    from edgedet.settings.flags import to_words
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import MEASURED, PURPOSE, RECIPES

    recipe = RECIPES[name]
    words = to_words(recipe, Recipe(), without=("--data", "--model"))
    paragraphs = (PURPOSE[name], MEASURED[name], " ".join(words))
    lines = [
        textwrap.fill(text, 98, break_on_hyphens=False, break_long_words=False)
        for text in paragraphs
    ]
    return "\n".join(
        [f"{name}  ({recipe.model})", *(textwrap.indent(text, "  ") for text in lines)]
    )


def _start(recipe):
    from edgedet.cli.loading import prepare_process, start_tensorflow

    if recipe.strategy != "multiworker":
        start_tensorflow()
        return
    from edgedet.quiet import captured_stderr

    prepare_process()
    # Machines must find each other before TensorFlow computes anything.
    log.info("waiting for all machines of TF_CONFIG")
    with captured_stderr():
        from edgedet.training.strategy import make_strategy

        make_strategy(recipe)


def _recipe(args):
    """Return the named recipe, or that of the run to be resumed, with what the user changed."""
    from edgedet.settings.flags import from_arguments
    from edgedet.training.recipe import Recipe
    from edgedet.training.recipes import RECIPES
    from edgedet.training.run import Run

    named = RECIPES[args.recipe]
    begun = Recipe.read(Run(args.out).recipe_file) if args.resume else named
    if begun.model != named.model:
        from edgedet.errors import UsageError

        raise UsageError(
            f"{args.out}: expected a run of {named.model}, as {args.recipe} is, found one of "
            f"{begun.model}.\nResume with a recipe of the run's own model."
        )
    data = tuple(args.data) or begun.data
    return from_arguments(dataclasses.replace(begun, data=data), args)
