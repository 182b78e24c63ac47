"""Films: streams as a gate observes them, with what is truly there, and clips of them to learn."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

# Clips in a batch, and their frames.
BATCH, LENGTH = 12, 24


@dataclasses.dataclass(frozen=True)
class Films:
    """Streams of one size and length.

    Attributes:
        samples: `[films, frames, h, w]`, grey levels of a `CellGrid`; sides are multiples of 4.
        scenes: Likewise, without noise and compression, in the same light, without wind.
    """

    samples: np.ndarray
    scenes: np.ndarray


def clips(films: Films, seed: int) -> tf.data.Dataset:
    """Return endless batches of clips: the fields of `Films`, float32 `[B, T, ...]`."""
    signature = {
        name: tf.TensorSpec((BATCH, LENGTH, *array.shape[2:]))
        for name, array in vars(films).items()
    }
    return tf.data.Dataset.from_generator(
        lambda: _batches(films, np.random.default_rng(seed)), output_signature=signature
    ).prefetch(2)


def _batches(films, generator):
    """Yield batches of clips that begin anywhere, some of them mirrored."""
    latest = films.samples.shape[1] - LENGTH
    while True:
        chosen = generator.integers(len(films.samples), size=BATCH)
        starts = generator.integers(latest + 1, size=BATCH)
        turns = generator.choice((-1, 1), (BATCH, 2))
        places = list(zip(chosen, starts, turns, strict=True))
        yield {
            name: np.stack(
                [
                    array[film, start : start + LENGTH, ::down, ::right]
                    for film, start, (down, right) in places
                ]
            ).astype("float32")
            for name, array in vars(films).items()
        }
