"""By which recipe a trained model learns on: its run's, or the one that is named for a file."""

from __future__ import annotations

import dataclasses

from edgedet.cli.arguments import lasting_path


def add_arguments(parser, purpose: str) -> None:
    """Offer `--recipe`; `purpose` says in the help what the recipe is for."""
    from edgedet.training.recipes import RECIPES

    parser.add_argument(
        "--recipe",
        choices=sorted(RECIPES),
        help=f"{purpose}, where the model is a .keras file, which has none; needs --data",
    )


def recipe_of(args, model, own):
    """Return what to learn on by, with the data that the command names.

    Args:
        args: Of a command with `model`, `--recipe` and `--data`.
        model: The trained detector.
        own: The recipe of its run; `None` for a file.

    Raises:
        UsageError: There is no recipe, one of another model, two of them, or no data.
    """
    from edgedet.errors import UsageError

    if (own is None) != bool(args.recipe):
        raise UsageError(
            f"{args.model}: expected a run folder, which has a recipe, or a .keras file and "
            f"--recipe NAME, found {'a file alone' if own is None else 'a run and --recipe'}."
        )
    recipe = own or _named(args, model)
    data = tuple(map(lasting_path, args.data or ())) or recipe.data
    if not data:
        raise UsageError(f"{args.model}: expected --data DIR, as a .keras file names no data.")
    return dataclasses.replace(recipe, data=data)


def _named(args, model):
    """Return the recipe that is named, for the classes of the model."""
    from edgedet.errors import UsageError
    from edgedet.training.recipes import RECIPES

    recipe, name = RECIPES[args.recipe], model.manifest().model
    if recipe.model != name:
        raise UsageError(f"{args.model}: expected a recipe of {name}, found {args.recipe}.")
    return dataclasses.replace(recipe, input_size=model.input_size, classes=model.class_names)
