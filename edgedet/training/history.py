"""The history of a run: one line an epoch, its curves, and the state to resume from."""

from __future__ import annotations

import time

import keras

from edgedet.training import state
from edgedet.training.curves import draw_curves
from edgedet.training.ema import WeightAverage
from edgedet.training.run import Run

# Drawing takes most of a second, which a short epoch cannot spare.
SECONDS_BETWEEN_CURVES = 30.0


class History(keras.callbacks.Callback):
    """Writes history and resumable state after every epoch, and curves now and then.

    It must be the last callback, so that it sees what the others measured.

    Args:
        run: Where everything is written.
        average: The averaged weights, part of the state.
        epochs: Number of the last epoch.
    """

    def __init__(self, run: Run, average: WeightAverage, epochs: int):
        super().__init__()
        self.run = run
        self.average = average
        self.epochs = epochs
        self.rows = run.read_history()
        self.drawn = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()
        self.rows = [row for row in self.rows if row["epoch"] < epoch + 1]

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        rate = float(self.model.optimizer.learning_rate)
        row = {"epoch": epoch + 1, **(logs or {}), "learning_rate": rate, "seconds": seconds}
        self.rows.append({name: float(f"{value:.6g}") for name, value in row.items()})
        self.run.write_history(self.rows)
        self._draw(last=epoch + 1 == self.epochs)
        state.save(self.run.state_file, epoch + 1, self.model, self.average)

    def _draw(self, last):
        if last or time.perf_counter() - self.drawn > SECONDS_BETWEEN_CURVES:
            draw_curves(self.rows, self.run.curves_file)
            self.drawn = time.perf_counter()
