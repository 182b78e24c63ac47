"""Progress: what a person who watches a training wants to hear."""

from __future__ import annotations

import logging
import time

import keras

# A long epoch is heard of now and then.
SECONDS_BETWEEN_LINES = 30.0

log = logging.getLogger(__name__)


class Progress(keras.callbacks.Callback):
    """Logs every epoch, and long ones while they last: loss terms, images/s and time left.

    Put it after what adds measurements to an epoch's logs.

    Args:
        images: Number of images a step.
        steps: Number of steps an epoch.
        epochs: Number of the last epoch.

    Attributes:
        rate: Images a second of the last epoch, without its evaluation.
    """

    def __init__(self, images: int, steps: int, epochs: int):
        super().__init__()
        self.images = images
        self.steps = steps
        self.epochs = epochs
        self.rate = 0.0
        self.begun = self.spoken = self.stepped = self.first = None

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = self.spoken = time.perf_counter()
        self.epoch = epoch
        if self.first is None:
            self.first = epoch, self.begun

    def on_train_batch_end(self, batch, logs=None):
        self.stepped = time.perf_counter()
        if self.stepped - self.spoken > SECONDS_BETWEEN_LINES:
            self.spoken = self.stepped
            rate = self.images * (batch + 1) / (self.stepped - self.begun)
            self._say((batch + 1) / self.steps, f"step {batch + 1}/{self.steps}", logs, rate)

    def on_epoch_end(self, epoch, logs=None):
        self.rate = self.images * self.steps / (self.stepped - self.begun)
        self._say(1.0, "", logs, self.rate)

    def _say(self, part, place, logs, rate):
        words = [
            f"epoch {self.epoch + 1}/{self.epochs}",
            place,
            *(f"{name} {float(value):.4f}" for name, value in (logs or {}).items()),
            f"{rate:.3g} images/s",
            f"{self._minutes_left(part):.0f} min left",
        ]
        log.info("%s", "  ".join(filter(None, words)))

    def _minutes_left(self, part):
        """Return how long it takes if all epochs take, with evaluations, as long as so far."""
        epoch, begun = self.first
        done = self.epoch + part - epoch
        return (time.perf_counter() - begun) / done * (self.epochs - self.epoch - part) / 60
