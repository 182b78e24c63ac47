"""The history of a run: one line an epoch, its curves, and what a person wants to hear."""

from __future__ import annotations

import logging
import time

import keras

from edgedet.training import state
from edgedet.training.curves import draw_curves
from edgedet.training.ema import WeightAverage
from edgedet.training.run import Run

# Drawing takes most of a second, which a short epoch cannot spare.
SECONDS_BETWEEN_CURVES = 30.0

log = logging.getLogger(__name__)


class History(keras.callbacks.Callback):
    """Writes history and resumable state after every epoch, curves now and then, and logs.

    It must be the last callback, so that it sees what the others measured.

    Args:
        run: Where everything is written.
        average: The averaged weights, part of the state.
        images: Number of images an epoch.
        epochs: Number of the last epoch.
    """

    def __init__(self, run: Run, average: WeightAverage, images: int, epochs: int):
        super().__init__()
        self.run = run
        self.average = average
        self.images = images
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
        log.info("%s", self._sentence(epoch + 1, logs or {}, seconds))

    def _draw(self, last):
        if last or time.perf_counter() - self.drawn > SECONDS_BETWEEN_CURVES:
            draw_curves(self.rows, self.run.curves_file)
            self.drawn = time.perf_counter()

    def _sentence(self, epoch, logs, seconds):
        terms = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
        left = (self.epochs - epoch) * seconds / 60
        return (
            f"epoch {epoch}/{self.epochs}  {terms}  "
            f"{self.images / seconds:.0f} images/s  {left:.0f} min left"
        )
