"""Sequences made of still training images: objects of some move in front of others."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from PIL import Image

from edgedet.data.record import Dataset
from edgedet.data.sequences.batching import batched
from edgedet.data.sequences.scene import Background, Film, film, joined
from edgedet.data.sequences.sprite import Sprite, cut_out
from edgedet.errors import DataError
from edgedet.images import read

# Objects with a shorter side of fewer pixels, or enlarged more than so many times, look blurred.
LEAST_SIDE, LARGEST_SCALE = 20, 2.0
# Moving objects, at most, and the share of the frame's height that their longer side takes.
MOVING, LONGER = 5, (0.1, 0.7)
# How much larger than the frame a scene is, at most.
ROOM = 1.5
# Share of sequences that something strange stands in the way of, and of those that are cut.
IN_THE_WAY, CUT = 0.5, 0.15
NOTHING = -1


def sequences(
    dataset: Dataset,
    input_size: tuple[int, int],
    length: int,
    batch_size: int,
    seed: int = 0,
) -> tf.data.Dataset:
    """Return endless batches of sequences made of the images of a data set.

    A sequence shows an image through a camera that stands, pans, zooms or shakes. Objects of other
    images move in front of it and of each other, on smooth accelerated paths; then come the drift
    of the sensor's gain and its noise. Sequence `n` depends on `seed` and `n` alone.

    Args:
        dataset: Records.
        input_size: (height, width) of the frames.
        length: T, frames of a sequence.
        batch_size: Sequences a batch.
        seed: Decides everything.

    Returns:
        A tf.data of dicts: `images` float32 `[B, T, h, w, 3]` in 0..1, in steps of 1/255; `boxes`
        float32 `[B, T, N, 4]` xyxy in pixels, whole objects; `labels` int32 `[B, T, N]`, -1 where
        an object is not seen; `track_ids` int32 `[B, T, N]` likewise; `visible` float32
        `[B, T, N]`, the share of it that is seen; `reset` bool `[B, T]`, where another scene
        begins. An object keeps its place along N.

    Raises:
        DataError: There are no records, or none with an object large enough to be cut out.
    """
    source = _Stills(dataset, tuple(input_size), length, seed)
    return batched(source.film, tuple(input_size), length, batch_size)


class _Stills:
    """Makes films of the images of a data set, each by its number."""

    def __init__(self, dataset, size, length, seed):
        self._dataset, self._size, self._length, self._seed = dataset, size, length, seed
        self._objects = [
            (number, place)
            for number, record in enumerate(dataset.records)
            for place in np.flatnonzero(_large(record))
        ]
        if not self._objects:
            raise DataError(
                f"{dataset.source}: expected objects of at least {LEAST_SIDE} pixels to make "
                "sequences of, found none.\nGive a data set with larger objects."
            )

    def film(self, number: int) -> Film:
        """Return sequence `number`."""
        generator = np.random.default_rng((self._seed, number))
        lengths = [self._length]
        if self._length > 1 and generator.uniform() < CUT:
            first = int(generator.integers(1, self._length))
            lengths = [first, self._length - first]
        return joined([self._shot(length, generator) for length in lengths])

    def _shot(self, length, generator):
        background = self._background(generator)
        count = generator.integers(1, MOVING + 1)
        sprites = [self._sprite(generator) for _ in range(count)]
        if generator.uniform() < IN_THE_WAY:
            sprites.insert(generator.integers(count + 1), self._thing(generator))
        longer = self._size[0] * np.exp(generator.uniform(*np.log(LONGER), len(sprites)))
        sprites = [_shown(sprite, side) for sprite, side in zip(sprites, longer, strict=True)]
        return film(background, sprites, self._size, length, int(generator.integers(2**32)))

    def _background(self, generator):
        record = self._dataset[int(generator.integers(len(self._dataset)))]
        image = Image.fromarray(read(record.image)[0])
        scale = max(np.divide(self._size[::-1], image.size)) * generator.uniform(1, ROOM)
        size = np.ceil(np.array(image.size) * scale).astype(int)
        kept = ~record.ignored
        ratio = np.tile(size / image.size, 2)
        picture = image.resize(tuple(size), Image.Resampling.BILINEAR)
        return Background(picture, record.boxes[kept] * ratio, record.labels[kept])

    def _sprite(self, generator) -> Sprite:
        number, place = self._objects[generator.integers(len(self._objects))]
        record = self._dataset[number]
        pixels = read(record.image)[0]
        return cut_out(pixels, record.boxes[place], int(record.labels[place]))

    def _thing(self, generator) -> Sprite:
        """Return a piece of some image, narrow or wide, that is no object."""
        record = self._dataset[int(generator.integers(len(self._dataset)))]
        pixels = read(record.image)[0]
        height, width = pixels.shape[:2]
        sides = generator.uniform(0.2, 0.5, 2) * (width, height)
        corner = generator.uniform((0, 0), (width, height) - sides)
        return cut_out(pixels, np.hstack([corner, corner + sides]), NOTHING)


def _shown(sprite, longer):
    return sprite.resized(min(longer / sprite.sides.max(), LARGEST_SCALE))


def _large(record):
    sides = record.boxes[:, 2:] - record.boxes[:, :2]
    return ~record.ignored & (sides.min(axis=1, initial=np.inf) >= LEAST_SIDE)
