"""Films become batches of a tf.data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from edgedet.data.sequences.scene import Film

KINDS = {
    "images": tf.uint8,
    "boxes": tf.float32,
    "labels": tf.int32,
    "track_ids": tf.int32,
    "visible": tf.float32,
    "reset": tf.bool,
}
# Objects that a sequence lacks, to have as many as others of its batch.
PADDING = {"labels": -1, "track_ids": -1}


def batched(make: Callable[[int], Film], size, length: int, batch_size: int) -> tf.data.Dataset:
    """Return endless batches of the films that `make` makes of 0, 1, 2, ...; see `sequences`."""
    shapes = {
        "images": (length, *size, 3),
        "boxes": (length, None, 4),
        "labels": (length, None),
        "track_ids": (length, None),
        "visible": (length, None),
        "reset": (length,),
    }

    def arrays(number):
        film = make(int(number))
        return [getattr(film, field.name) for field in dataclasses.fields(Film)]

    def film_of(number):
        columns = tf.numpy_function(arrays, [number], list(KINDS.values()))
        named = dict(zip(KINDS, columns, strict=True))
        return {name: tf.ensure_shape(named[name], shapes[name]) for name in KINDS}

    padding = {name: tf.cast(PADDING.get(name, 0), kind) for name, kind in KINDS.items()}
    films = tf.data.Dataset.counter().map(film_of, tf.data.AUTOTUNE, deterministic=True)
    batches = films.padded_batch(batch_size, shapes, padding, drop_remainder=True)
    return batches.map(_as_floats).prefetch(1)


def _as_floats(batch):
    return {**batch, "images": tf.cast(batch["images"], tf.float32) / 255.0}
