"""The input pipeline: records become tf.data batches, in parallel, the same for the same seed."""

from __future__ import annotations

import itertools

import tensorflow as tf

from edgedet.data.feeding.feeder import Feeder
from edgedet.data.record import Dataset
from edgedet.data.source.reading import COLOUR, Reading
from edgedet.settings import Feeding

__all__ = ["Feeder", "batches"]


def batches(
    dataset: Dataset,
    input_size: tuple[int, int],
    batch_size: int,
    training: bool = False,
    seed: int = 0,
    feeding: Feeding = Feeding(),
    reading: Reading = COLOUR,
) -> tf.data.Dataset:
    """Return batches of a data set.

    In training, every pass is shuffled and augmented anew, by `seed` and the number of the pass
    alone; otherwise the records come in order, whole images letterboxed as on the device.

    Args:
        dataset: Records.
        input_size: (height, width) of the network input.
        batch_size: Images a batch.
        training: Shuffle and augment.
        seed: Decides order and augmentation.
        feeding: How records are fed.
        reading: How image files become pixels; that of a thermal model is
            `edgedet.data.source.reading.of_manifest(model.manifest())`.

    Returns:
        A tf.data of dicts: `images` float32 `[B, h, w, bands]` in 0..1, `boxes` float32
        `[B, G, 4]` xyxy in input pixels, `labels` int32 `[B, G]` (-1 is padding), `ignored`
        bool `[B, G]`, `known` bool `[B, C]` (the classes that the image's set labels), `domain`
        int32 `[B]` (a place in `outputs.DOMAINS`; -1 is unknown).

    Raises:
        DataError: There are no records, or none whose image can be read; in training, fewer
            than a batch.
    """
    feeder = Feeder(dataset, input_size, batch_size, seed, feeding, reading)
    if not training:
        return feeder.in_order()
    feeder.require_batch()
    passes = itertools.count()
    # tf.data's own random numbers would also follow the seed of the whole process.
    number = tf.data.Dataset.from_generator(
        lambda: iter([next(passes)]), output_signature=tf.TensorSpec([], tf.int64)
    )
    return number.flat_map(feeder.epoch).apply(feeder.cardinality)
