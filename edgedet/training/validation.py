"""Validation: the averaged weights, through the same decoding and suppression that ship."""

from __future__ import annotations

import logging
from collections.abc import Callable

import keras

from edgedet.data.record import Dataset
from edgedet.errors import DataError
from edgedet.evaluation.evaluate import Evaluation, evaluate
from edgedet.models import Detector, keras_engine
from edgedet.runtime import EdgeDetector
from edgedet.training.ema import WeightAverage
from edgedet.training.run import Run

log = logging.getLogger(__name__)


class Validation(keras.callbacks.Callback):
    """Measures AP every few epochs, and keeps the last and the best model.

    Args:
        run: Where the models are kept.
        dataset: The val part; `None` only keeps the last model.
        average: The averaged weights.
        every: Epochs between two evaluations; the last epoch is always evaluated.
        epochs: Number of the last epoch.
        best: The best AP50 so far, of a resumed run.
        kept: `kept(model)` returns the detector that is measured and kept of the one that learns,
            at its averaged weights; the same one every time.

    Attributes:
        latest: The evaluation of the epoch that has just ended; `None` if it had none.
    """

    def __init__(
        self,
        run: Run,
        dataset: Dataset | None,
        average: WeightAverage,
        every,
        epochs,
        best=-1.0,
        kept: Callable[[Detector], Detector] = lambda model: model,
    ):
        super().__init__()
        self.run = run
        self.dataset = dataset
        self.average = average
        self.every = every
        self.epochs = epochs
        self.best = best
        self.kept = kept
        self.latest: Evaluation | None = None
        self._engine = None

    def on_epoch_end(self, epoch, logs=None):
        self.latest = None
        if (epoch + 1) % self.every and epoch + 1 != self.epochs:
            return
        with self.average.applied():
            model = self.kept(self.model)
            self.run.save_model(model, self.run.last_file)
            if self.dataset is None:
                return
            self.latest = self._measure()
            metrics = self.latest.metrics
            # A val part without objects has no AP.
            measured = [name for name in ("ap", "ap50") if metrics[name] is not None]
            logs.update({f"val_{name}": metrics[name] for name in measured})
            if (metrics["ap50"] or 0.0) > self.best:
                self.best = metrics["ap50"] or 0.0
                self.run.save_model(model, self.run.best_file)

    def _measure(self):
        model = self.kept(self.model)
        require_images(self.dataset)
        # One engine for all evaluations: a new one would trace the network again.
        self._engine = self._engine or keras_engine(model)
        return evaluate(EdgeDetector(self._engine, model.manifest()), self.dataset)


def require_images(dataset: Dataset) -> None:
    """Say once that a data set is gone; of single images that are missing evaluation tells.

    Raises:
        DataError: No image is there.
    """
    if len(dataset) and not any(record.image.is_file() for record in dataset.records):
        raise DataError(
            f"{dataset.source}: expected images to evaluate on, found none any more.\n"
            "Bring the folder back, then go on with --resume; the last finished epoch is kept."
        )
