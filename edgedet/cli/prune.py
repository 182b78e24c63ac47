"""`edgedet prune`: a trained run becomes a smaller one."""

from __future__ import annotations

import dataclasses

from edgedet.cli import learning_on
from edgedet.cli.arguments import count, lasting_path, part, path, share
from edgedet.training.learning_on import PRUNING_EPOCHS, PRUNING_RATE

HELP = "Leave out of a trained model what it needs least, and train the rest for some epochs."


def add_arguments(parser):
    parser.add_argument("model", type=path, metavar="RUN", help="a run folder or a .keras file")
    parser.add_argument("out", type=path, metavar="OUT", help="the run folder to write")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument(
        "--channels",
        type=part,
        metavar="SHARE",
        help="leave out the channels that matter least, with at most SHARE of the parameters: the "
        "files get smaller, and compute less",
    )
    kind.add_argument(
        "--magnitude",
        type=part,
        metavar="SHARE",
        help="set the smallest SHARE of the weights of each kernel to zero, with "
        "tensorflow-model-optimization, which is the extra `tfmot`: a file gets smaller only where "
        "it is compressed, and no faster",
    )
    parser.add_argument(
        "--epochs",
        type=count,
        default=PRUNING_EPOCHS,
        help="passes over the data, by the run's recipe (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=share,
        default=PRUNING_RATE,
        metavar="SHARE",
        help="learning rate, as a share of the recipe's (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        action="append",
        type=path,
        metavar="DIR",
        help="learn from DIR, not from the run's own data; may be repeated",
    )
    learning_on.add_arguments(parser, "what the rest is trained by")


def run(args):
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.training import load_trained
    from edgedet.training.run import Run, require_new

    require_new(Run(args.out))

    model, recipe = load_trained(args.model)
    recipe = learning_on.recipe_of(args, model, recipe)
    recipe = dataclasses.replace(recipe, initial=lasting_path(args.model))
    if args.channels:
        from edgedet.training.channel_pruning import prune_and_fit as fit
    else:
        from edgedet.training.magnitude_pruning import sparsify_and_fit as fit
    fit(model, recipe, args.out, args.channels or args.magnitude, args.epochs, args.rate)
    return 0
