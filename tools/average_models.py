"""The mean of the weights of detectors that were fine-tuned from the same one.

    python tools/average_models.py OUT.keras MODEL MODEL... --data DIR

What single runs learned by chance is averaged away (Wortsman et al. 2022, "Model soups",
https://arxiv.org/abs/2203.05482). Models of different beginnings have nothing to average. Prints
the accuracy of each on the val part of DIR, which is what to choose on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from edgedet.errors import EdgedetError

COLUMNS = ("ap", "ap50", "easy", "medium", "hard", "ap50_10pct", "ap50_20pct")


def main():
    """Average, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT.keras", help="the file to write")
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="runs, .keras files")
    parser.add_argument("--data", type=Path, required=True, help="a data folder with a val part")
    args = parser.parse_args()

    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    try:
        run(args)
    except EdgedetError as error:
        raise SystemExit(f"average_models: {error}") from error


def run(args):
    """Write the mean of all models and print what each is worth."""
    from comparisons import require_keras_file

    from edgedet.data.layouts import open_dataset
    from edgedet.files import replacing
    from edgedet.training import load_trained

    require_keras_file(args.out)
    dataset = open_dataset(args.data, "val")
    lists = args.data / "eval_tools" / "ground_truth"
    models = [load_trained(path)[0] for path in args.models]
    for path, model in zip(args.models, models, strict=True):
        print(f"{path}: {accuracy(model, dataset, lists)}", flush=True)
    average(models)
    with replacing(args.out) as temporary:
        models[0].save(temporary)
    print(f"{args.out}: {accuracy(models[0], dataset, lists)}")


def average(models):
    """Give the first model the mean of the weights and statistics of all."""
    from edgedet.errors import ModelError

    shapes = [[tuple(weight.shape) for weight in model.weights] for model in models]
    if any(other != shapes[0] for other in shapes):
        raise ModelError(
            "Expected models of the same shape, found different ones.\n"
            "Average runs of one recipe that began with the same weights."
        )
    for weights in zip(*(model.weights for model in models), strict=True):
        if weights[0].dtype.startswith("float"):
            weights[0].assign(sum(weight.numpy() for weight in weights) / len(weights))


def accuracy(model, dataset, ground_truth):
    """Return the figures of a model in one line."""
    from edgedet.evaluation import evaluate_completely
    from edgedet.models import keras_engine
    from edgedet.runtime import EdgeDetector

    detect = EdgeDetector(keras_engine(model), model.manifest())
    metrics = evaluate_completely(detect, dataset, ground_truth).metrics
    known = ((name, metrics.get(name)) for name in COLUMNS)
    return "  ".join(f"{name} {value:.4f}" for name, value in known if value is not None)


if __name__ == "__main__":
    main()
