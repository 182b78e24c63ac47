"""The input pipeline: records become tf.data batches, in parallel, the same for the same seed."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from edgedet.data import view
from edgedet.data.flip import flip
from edgedet.data.objects import Objects
from edgedet.data.photometric import change_light
from edgedet.data.pixels import FilePixels, MemoryPixels
from edgedet.data.record import Dataset
from edgedet.data.scan import scan
from edgedet.data.zoom import draw_view
from edgedet.errors import DataError
from edgedet.settings import Feeding


def batches(
    dataset: Dataset,
    input_size: tuple[int, int],
    batch_size: int,
    training: bool = False,
    seed: int = 0,
    feeding: Feeding = Feeding(),
) -> tf.data.Dataset:
    """Return batches of a data set.

    In training, every pass is shuffled and augmented anew, by `seed` and the number of the pass
    alone; otherwise the records come in order, whole images letterboxed as on the device.

    Returns:
        A tf.data of dicts: `images` float32 `[B, h, w, 3]` in 0..1, `boxes` float32
        `[B, G, 4]` xyxy in input pixels, `labels` int32 `[B, G]` (-1 is padding), `ignored`
        bool `[B, G]`, `known` bool `[B, C]` (the classes that the image's set labels).

    Raises:
        DataError: There are no records, or none whose image can be read; in training, fewer
            than a batch.
    """
    feeder = Feeder(dataset, input_size, batch_size, seed, feeding)
    if not training:
        return feeder.in_order()
    feeder.require_batch()
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).take(1)
    return numbers.flat_map(feeder.epoch).apply(feeder.cardinality)


class Feeder:
    """Gives the batches of any epoch, so that an interrupted run goes on where it stopped.

    Args:
        dataset: Records.
        input_size: (height, width) of the network input.
        batch_size: Images a batch.
        seed: Decides order and augmentation, together with the epoch.
        feeding: How records are fed.
    """

    def __init__(self, dataset, input_size, batch_size, seed=0, feeding=Feeding()):
        if not len(dataset):
            raise DataError(f"{dataset.source}: expected at least one image, found none.")
        scanned = scan(dataset)
        self.source = dataset.source
        self.count = len(scanned.dataset)
        self.input_size = tuple(input_size)
        self.batch_size = batch_size
        self.seed = seed
        self.feeding = feeding
        self._sizes = tf.constant(scanned.sizes)
        self._objects = Objects(scanned.dataset)
        self._pixels = (MemoryPixels if feeding.cache else FilePixels)(scanned)

    @property
    def steps(self) -> int:
        """The number of batches of an epoch; an incomplete last one is left out."""
        return self.count // self.batch_size

    def require_batch(self) -> None:
        """Raise `DataError` unless there is at least one whole batch to train on."""
        if not self.steps:
            raise DataError(
                f"{self.source}: expected at least {self.batch_size} images, a batch, found "
                f"{self.count}.\nUse a smaller --batch-size."
            )

    def epochs(self, first: int, last: int) -> tf.data.Dataset:
        """Return the training batches of epochs `first` to `last` - 1, one after another."""
        return tf.data.Dataset.range(first, last).flat_map(self.epoch)

    def epoch(self, number) -> tf.data.Dataset:
        """Return the shuffled, augmented batches of epoch `number`, an integer tensor."""
        samples = tf.data.Dataset.range(self.count).map(
            lambda place: self._random_sample(place, number), num_parallel_calls=tf.data.AUTOTUNE
        )
        batched = samples.padded_batch(
            self.batch_size, padding_values=_PADDING, drop_remainder=True
        )
        return (
            batched.enumerate()
            .map(lambda step, batch: self._augment(batch, number, step), tf.data.AUTOTUNE)
            .prefetch(tf.data.AUTOTUNE)
        )

    def in_order(self) -> tf.data.Dataset:
        """Return the batches of all records in order, whole images, unchanged."""
        samples = tf.data.Dataset.range(self.count).map(
            self._whole_sample, num_parallel_calls=tf.data.AUTOTUNE
        )
        batched = samples.padded_batch(self.batch_size, padding_values=_PADDING)
        return batched.map(_to_float, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def cardinality(self, epoch: tf.data.Dataset) -> tf.data.Dataset:
        """Return `epoch` with its number of batches known to Keras."""
        return epoch.apply(tf.data.experimental.assert_cardinality(self.steps))

    def _random_sample(self, place, number):
        # A permutation computed place by place, so an epoch may be entered anywhere.
        key = tf.stack([tf.constant(self.seed, tf.int64), number])
        index = tf.random.experimental.index_shuffle(place, key, self.count - 1)
        seed = tf.random.experimental.stateless_fold_in(key, place)
        boxes, _, ignored = self._objects(index)
        size = self._sizes[index]
        zoom = self.feeding.zoom
        scale, offset = draw_view(zoom, size, boxes, ignored, self.input_size, seed)
        return self._sample(index, scale, offset)

    def _whole_sample(self, index):
        return self._sample(index, *view.whole(self._sizes[index], self.input_size))

    def _sample(self, index, scale, offset):
        image = self._pixels(index, scale)
        pixels = view.render(image, self._sizes[index], scale, offset, self.input_size)
        boxes, labels, ignored = self._objects.seen(
            index, scale, offset, self.input_size, self.feeding.min_side, self.feeding.max_objects
        )
        return {
            "images": pixels,
            "boxes": boxes,
            "labels": labels,
            "ignored": ignored,
            "known": self._objects.known(index),
        }

    def _augment(self, batch, number, step):
        key = tf.stack([tf.constant(self.seed, tf.int64), number])
        seeds = tf.random.split(tf.random.experimental.stateless_fold_in(key, -1 - step), 2)
        batch = flip(_to_float(batch), self.feeding.flip, seeds[0])
        images = change_light(self.feeding.photometric, batch["images"], seeds[1])
        return {**batch, "images": images}


_PADDING = {
    "images": tf.constant(0, tf.uint8),
    "boxes": 0.0,
    "labels": -1,
    "ignored": False,
    "known": False,
}


def _to_float(batch):
    return {**batch, "images": tf.cast(batch["images"], tf.float32) / np.float32(255)}
