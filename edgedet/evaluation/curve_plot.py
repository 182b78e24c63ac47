"""Precision-recall curves as a picture: one axes for a few, a small one each for many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edgedet import files
from edgedet.evaluation.results import Results
from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.precision_recall import Curve, of_label, precision_recall

# More lines than this cannot be told apart in one axes.
MOST_TOGETHER = 6
# Colours that stay apart for colour-blind readers too (Okabe and Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# Small axes in a row; the wider sheet is for many classes.
COLUMNS, WIDE_COLUMNS, MANY = 5, 8, 30
DPI = 110


def class_curves(results: Results) -> dict[str, Curve]:
    """Return the curve of each class that the data has, at overlap .5, the best first."""
    truths = [GroundTruth.of(record) for record in results.records]
    curves = {
        name: precision_recall(*of_label(results.detections, truths, label))
        for label, name in enumerate(results.class_names)
    }
    present = {name: curve for name, curve in curves.items() if curve.objects}
    return dict(sorted(present.items(), key=lambda item: -item[1].average(101)))


def write_curves(
    path: Path, curves: Mapping[str, Curve], title: str, points: int | None, min_score: float
) -> None:
    """Write curves as a PNG; a dot marks where a device with `min_score` would work.

    Args:
        path: The PNG.
        curves: Name -> curve, in the order of the legend.
        title: What the detector and the data are.
        points: How `Curve.average` computes the number beside each name.
        min_score: Score above which a device reports.

    Raises:
        OutputError: The file cannot be written.
    """
    draw = _together if len(curves) <= MOST_TOGETHER else _apart
    figure = draw(curves, points, min_score)
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI, format="png")


def _together(curves, points, min_score):
    figure = _figure(7.8, 5.0)
    axes = figure.subplots()
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        label = f"{name}  {curve.average(points):.3f}  ({curve.objects})"
        _draw(axes, curve, colour, min_score, label)
    _frame(axes, "recall", "precision")
    if curves:
        # Beside the curves: in the axes it would lie over one of them.
        figure.legend(title="AP (objects)", frameon=False, loc="outside right upper", fontsize=9)
    _explain(figure, min_score)
    return figure


def _apart(curves, points, min_score):
    columns = COLUMNS if len(curves) <= MANY else WIDE_COLUMNS
    rows = math.ceil(len(curves) / columns)
    figure = _figure(2.1 * columns, 1.75 * rows + 1.0)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(curves) :]:
        axes.set_axis_off()
    for axes, (name, curve) in zip(grid.flat, curves.items(), strict=False):
        _draw(axes, curve, COLOURS[0], min_score, name)
        _frame(axes, "", "")
        axes.fill_between(*_line(curve), color=COLOURS[0], alpha=0.12, lw=0)
        axes.set_title(
            f"{name}  {curve.average(points):.3f}  ({curve.objects})", fontsize=8, loc="left"
        )
    for axes in grid.flat[max(len(curves) - columns, 0) : len(curves)]:
        axes.tick_params(labelbottom=True)
    figure.supxlabel("recall", fontsize=9)
    figure.supylabel("precision", fontsize=9)
    _explain(figure, min_score, note="name, AP (objects)    ")
    return figure


def _draw(axes, curve, colour, min_score, label):
    axes.plot(*_line(curve), color=colour, lw=1.6, label=label)
    reported = int(np.sum(curve.scores >= min_score))
    if reported:
        at = curve.recall[reported - 1], curve.precision[reported - 1]
        axes.plot(*at, "o", color=colour, markeredgecolor="white", ms=7, clip_on=False, zorder=3)


def _line(curve):
    """Return recall and precision from recall 0 on, where the best detection speaks for itself."""
    return np.append(np.zeros(len(curve.recall[:1])), curve.recall), np.append(
        curve.precision[:1], curve.precision
    )


def _frame(axes, x_label, y_label):
    axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel=x_label, ylabel=y_label)
    axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axes.set_yticks([0, 0.5, 1], ["0", ".5", "1"])
    axes.grid(color="0.9", lw=0.8)
    axes.tick_params(length=0, labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _explain(figure, min_score, note=""):
    figure.text(
        0.995,
        0.005,
        f"{note}● at score {min_score:g}",
        ha="right",
        va="bottom",
        fontsize=8,
        color="0.4",
    )


def _figure(width, height):
    # Without pyplot: no display, no state that outlives the picture.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
