"""Compute over time as a picture: what a sparse detector spends on each frame of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edgedet import files
from edgedet.evaluation.curve_plot import COLOURS, DPI
from edgedet.runtime import EdgeDetector
from edgedet.runtime.sparse import SparseDetector

# Frames of which product tables speak: the first, a warm one and a steady one.
MARKS = (1, 5, 30)
Reader = Callable[[], np.ndarray]


def compute_of(detect: EdgeDetector, frames: Sequence[Reader]) -> np.ndarray:
    """Return the multiplications that each frame of one stream cost, `[frames]`.

    Args:
        detect: Its file was exported with stages.
        frames: Each reads one frame, uint8 `[H, W, 3]`.

    Returns:
        Shares of a dense frame.
    """
    stream, spent = SparseDetector(detect), []
    for read in frames:
        stream(read())
        spent.append(stream.activity.compute)
    return np.array(spent)


def compute_from(detect: EdgeDetector, frames: Sequence[Reader], starts: int = 10) -> np.ndarray:
    """Return what frames cost a stream that begins at each of some places, `[starts, MARKS[-1]]`.

    Args:
        detect: As in `compute_of`.
        frames: Likewise, of one sequence.
        starts: Places, spread evenly over the sequence.

    Raises:
        ValueError: The sequence is shorter than `MARKS[-1]`.
    """
    length = MARKS[-1]
    if len(frames) < length:
        raise ValueError(f"frames: expected {length} or more, received {len(frames)}.")
    places = np.linspace(0, len(frames) - length, starts).round().astype(int)
    return np.stack([compute_of(detect, frames[place : place + length]) for place in places])


def write_compute_plot(path: Path, whole: np.ndarray, begun: np.ndarray, title: str) -> None:
    """Write the cost of each frame as a PNG: of the whole sequence, and after a beginning.

    Args:
        path: The PNG.
        whole: What `compute_of` returns.
        begun: What `compute_from` returns; each is a thin line, their mean a thick one.
        title: What the detector and the sequence are.

    Raises:
        OutputError: The file cannot be written.
    """
    # Without pyplot: no display, no state that outlives the picture.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    start, sequence = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.6))
    _draw_beginning(start, begun)
    numbers = np.arange(1, len(whole) + 1)
    sequence.fill_between(numbers, whole, color=COLOURS[0], alpha=0.25, lw=0, step="mid")
    sequence.step(numbers, whole, color=COLOURS[0], lw=0.9, where="mid")
    label = f"whole sequence, mean of all but the first {np.mean(whole[1:]):.1%}"
    _frame(sequence, label, len(whole))
    start.set_ylabel("multiplications, share of a dense frame", fontsize=8)
    figure.suptitle(title, fontsize=11)
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI, format="png")


def _draw_beginning(axes, begun):
    numbers, mean = np.arange(1, begun.shape[1] + 1), begun.mean(0)
    axes.plot(numbers, begun.T, color="0.8", lw=0.7)
    axes.plot(numbers, mean, color=COLOURS[1], lw=1.8)
    for mark in MARKS:
        place = mark, mean[mark - 1]
        axes.plot(*place, "o", color=COLOURS[1], markeredgecolor="white", ms=7, zorder=3)
        axes.annotate(
            f"{place[1]:.1%}", place, (3, 7), textcoords="offset points", fontsize=8, zorder=4
        )
    _frame(axes, f"from {len(begun)} beginnings, and their mean", begun.shape[1])


def _frame(axes, title, frames):
    axes.set(xlim=(0.5, frames + 0.5), ylim=(0, 1.12), xlabel="frame")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_title(title, fontsize=9, loc="left")
    axes.grid(color="0.9", lw=0.8)
    axes.tick_params(length=0, labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
