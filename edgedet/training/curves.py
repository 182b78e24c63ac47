"""Training curves: loss terms, AP and learning rate over the epochs, as a picture."""

from pathlib import Path

from edgedet import files

# Columns of the history that are no loss term.
OTHERS = ("epoch", "learning_rate", "seconds")


def draw_curves(rows: list[dict[str, float]], path: Path) -> None:
    """Write the curves of a history as PNG.

    Args:
        rows: One dict of numbers an epoch.
        path: Where the picture goes.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    losses, accuracy, rate = figure.subplots(1, 3)
    names = list(dict.fromkeys(name for row in rows for name in row if name not in OTHERS))
    _draw(losses, rows, [name for name in names if not name.startswith("val_")], "loss")
    _mark_best(accuracy, rows)
    _draw(accuracy, rows, [name for name in names if name.startswith("val_")], "AP on val", "o-")
    _draw(rate, rows, ["learning_rate"], "learning rate")
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)


def _mark_best(axes, rows):
    measured = [row for row in rows if "val_ap50" in row]
    if measured:
        best = max(measured, key=lambda row: row["val_ap50"])
        axes.axvline(best["epoch"], color="0.6", linewidth=0.8, label=f"best, {best['epoch']:.0f}")


def _draw(axes, rows, names, title, style="-"):
    for name in names:
        points = [(row["epoch"], row[name]) for row in rows if name in row]
        label = name.removeprefix("val_")
        # A line of one point is nothing to see.
        shown = "o" if len(points) == 1 else style
        axes.plot(*zip(*points, strict=True), shown, markersize=3, label=label)
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    if len(names) > 1:
        axes.legend()
