"""The report of a finished training: what was learned, from what, how well, at what cost."""

from __future__ import annotations

import numpy as np

from edgedet.data.record import Dataset
from edgedet.evaluation import Evaluation, evaluate
from edgedet.evaluation.contact_sheet import write_contact_sheet
from edgedet.evaluation.curve_plot import class_curves, write_curves
from edgedet.evaluation.mistakes import best, worst
from edgedet.evaluation.report import Figure, Table, write_report
from edgedet.models import keras_engine
from edgedet.runtime import EdgeDetector
from edgedet.runtime.measure.benchmark import device_name
from edgedet.settings.setting import flatten
from edgedet.training.recipe import Recipe
from edgedet.training.run import Run, load_run

# Images on each of the two sheets.
EXAMPLES = 9
# Metric -> what people call it.
ACCURACY = {
    "ap50": "AP50",
    "ap75": "AP75",
    "ap": "AP",
    "ap_small": "AP small",
    "ap_medium": "AP medium",
    "ap_large": "AP large",
    "ar100": "AR100",
}


def report(run: Run, recipe: Recipe, images: int, train: Dataset, val: Dataset | None) -> None:
    """Write `report.html` into a run, with pictures of what its best model finds.

    Args:
        run: The finished run.
        recipe: What it followed.
        images: Number of images an epoch.
        train: What was learned from.
        val: What is measured on; without it there is no accuracy to report.
    """
    rows = run.read_history()
    model, _ = load_run(run.folder)
    figures = [Figure("Training", "Loss terms, AP of the averaged weights on the val part, "
                      "learning rate.", run.curves_file)]  # fmt: skip
    tables = [_costs(rows, images, model), _sets(train, val)]
    if val is not None:
        manifest = model.manifest()
        evaluation = evaluate(EdgeDetector(keras_engine(model, learns=False), manifest), val)
        tables = [_accuracy(evaluation), *_per_class(evaluation), *tables]
        figures += _pictures(run, evaluation, manifest.min_score)
    write_report(
        run.report_file,
        title=f"{type(model).__name__}, {run.folder.resolve().name}",
        summary=_summary(rows, recipe, val),
        tables=[*tables, _settings(recipe)],
        figures=figures,
        footer=f"Trained and measured on {device_name()}.",
    )


def _summary(rows, recipe, val):
    epochs = f"{rows[-1]['epoch']:.0f}"
    spent = "1 epoch" if epochs == "1" else f"{epochs} epochs"
    text = f"Trained for {spent} on {', '.join(recipe.data)}. "
    measured = [row for row in rows if "val_ap50" in row]
    if val is None or not measured:
        return text + "There is no val part, so the model is that of the last epoch."
    chosen = max(measured, key=lambda row: row["val_ap50"])
    return text + (
        f"The model is that of epoch {chosen['epoch']:.0f}, the best by AP50 on {val.source}; "
        "all numbers are of its averaged weights, before any rounding to INT8."
    )


def _accuracy(evaluation: Evaluation):
    metrics = evaluation.metrics
    head = ("images", *ACCURACY.values())
    return Table(head, [(f"{metrics['images']:,}", *(_share(metrics[name]) for name in ACCURACY))])


def _per_class(evaluation: Evaluation):
    found = evaluation.metrics["per_class"]
    if len(found) > 1:
        yield Table(("class", "AP50"), [(name, _share(value)) for name, value in found.items()])


def _costs(rows, images, model):
    seconds = sum(row["seconds"] for row in rows)
    seen = images * len(rows)
    return Table(
        ("cost", ""),
        [
            ("parameters", f"{model.count_params():,}"),
            ("images seen", f"{seen:,}"),
            ("hours, with evaluations", f"{seconds / 3600:.2f}"),
            ("images a second", f"{seen / seconds:.0f}"),
        ],
    )


def _sets(train, val):
    rows = [
        (name, f"{len(part):,}", *(f"{count:,}" for count in _objects(part)))
        for name, part in (("train", train), ("val", val))
        if part is not None
    ]
    return Table(("part", "images", "objects", "ignored"), rows)


def _objects(dataset):
    ignored = np.concatenate([record.ignored for record in dataset.records])
    return int(np.sum(~ignored)), int(np.sum(ignored))


def _settings(recipe):
    usual = flatten(Recipe())
    rows = []
    for flag, (group, field) in flatten(recipe).items():
        value, default = getattr(group, field.name), getattr(usual[flag][0], field.name)
        if value != default:
            rows.append((flag, _words(value), _words(default)))
    return Table(("setting", "here", "usual"), rows)


def _words(value):
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _pictures(run, evaluation, min_score):
    results, folder = evaluation.results, run.folder
    curves = folder / "precision-recall.png"
    write_curves(curves, class_curves(results), "val part, overlap .5", 101, min_score)
    yield Figure("Precision and recall", "Of each class, at overlap .5.", curves)
    for choose, title, text in (
        (worst, "The worst images", "Where the model is wrong most often."),
        (best, "The best images", "Where it finds most, with the fewest mistakes."),
    ):
        path = folder / f"{choose.__name__}.png"
        write_contact_sheet(path, results, min_score, EXAMPLES, choose)
        yield Figure(title, text, path)


def _share(value):
    return "-" if value is None else f"{value:.3f}"
