"""The feeder: batches of a data set, made in parallel, the same for the same seed.

A batch is one function: what it shows and where the objects lie is computed for all samples at
once, as small operations cost the same for one as for many; only reading and drawing go image by
image.
"""

from __future__ import annotations

import tensorflow as tf

from edgedet.data.feeding.random_batch import RandomBatch
from edgedet.data.feeding.whole_batch import WholeBatch
from edgedet.data.record import Dataset
from edgedet.data.source.reading import COLOUR, Reading
from edgedet.data.source.source import Source
from edgedet.errors import DataError
from edgedet.settings import Feeding


class Feeder:
    """Gives the batches of any epoch, so that an interrupted run goes on where it stopped.

    Args:
        dataset: Records.
        input_size: (height, width) of the network input.
        batch_size: Images a batch.
        seed: Decides order and augmentation, together with the epoch.
        feeding: How records are fed.
        reading: How image files become pixels.

    Attributes:
        count: The number of readable images.
        random_batch: Makes the batches of training.
    """

    def __init__(
        self,
        dataset: Dataset,
        input_size: tuple[int, int],
        batch_size: int,
        seed: int = 0,
        feeding: Feeding = Feeding(),
        reading: Reading = COLOUR,
    ):
        if not len(dataset):
            raise DataError(f"{dataset.source}: expected at least one image, found none.")
        source = Source.open(dataset, reading, feeding.cache)
        self.name = dataset.source
        self.count = len(source.dataset)
        self.batch_size = batch_size
        self.feeding = feeding
        self.random_batch = RandomBatch(source, feeding, tuple(input_size), batch_size, seed)
        self._whole = WholeBatch(source, feeding, tuple(input_size))

    @property
    def steps(self) -> int:
        """The number of batches of an epoch; an incomplete last one is left out."""
        return self.count // self.batch_size

    def require_batch(self) -> None:
        """Raise `DataError` unless there is at least one whole batch to train on."""
        if not self.steps:
            raise DataError(
                f"{self.name}: expected at least {self.batch_size} images, a batch, found "
                f"{self.count}.\nUse a smaller --batch-size."
            )

    def epochs(self, first: int, last: int, part: tuple = ()) -> tf.data.Dataset:
        """Return the training batches of epochs `first` to `last` - 1, one after another.

        Args:
            first: The first one; 0 unless a run is resumed.
            last: The number of epochs of the run; its last `plain_epochs` are not composed.
            part: (first, count) of the samples of every batch that are wanted; they are what they
                would be in the whole batch, and no others are read or drawn.
        """
        numbers = tf.data.Dataset.range(first, last)
        return numbers.flat_map(lambda number: self.epoch(number, last, part))

    def epoch(self, number, last=tf.int64.max, part: tuple = ()) -> tf.data.Dataset:
        """Return the shuffled, augmented batches of an epoch.

        Args:
            number: Scalar int64 tensor.
            last: The number of epochs of the run.
            part: As in `epochs`.
        """
        composed = number < last - self.feeding.plain_epochs
        batches = tf.data.Dataset.range(self.steps).map(
            lambda step: self.random_batch(number, step, composed, *part), tf.data.AUTOTUNE
        )
        return batches.prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> tf.data.Dataset:
        """Return the batches of all records in order, whole images, unchanged."""
        indices = tf.data.Dataset.range(self.count).batch(self.batch_size)
        return indices.map(self._whole, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def cardinality(self, epoch: tf.data.Dataset) -> tf.data.Dataset:
        """Return `epoch` with its number of batches known to Keras."""
        return epoch.apply(tf.data.experimental.assert_cardinality(self.steps))
