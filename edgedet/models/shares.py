"""A batch in shares: parts of it one after another, replicas of the model side by side.

A share gives sums over its points, of the loss and of its gradient. Sums add up, so that all
shares together do what the whole batch does at once; means would not, because shares have
different numbers of positive points.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf


def add_in_turns(function: Callable, batch: dict, parts: int, zeros: Callable):
    """Return the sum of `function` over equal parts of a batch, computed one after another.

    Only one part at a time needs memory for what it computes.

    Args:
        function: Dict of tensors -> a structure of tensors.
        batch: Dict of tensors `[B, ...]`.
        parts: How many; a divisor of B.
        zeros: Returns what `function` does of no image.
    """
    if parts == 1:
        return function(batch)
    size = tf.shape(batch["images"])[0] // parts

    def add(part, total):
        share = {name: value[part * size : (part + 1) * size] for name, value in batch.items()}
        return part + 1, tf.nest.map_structure(tf.add, total, function(share))

    turns = tf.while_loop(
        lambda part, _: part < parts, add, (tf.constant(0), zeros()), parallel_iterations=1
    )
    return turns[1]


def add_over_replicas(values):
    """Return the sum of a structure of tensors over all replicas, the same on each."""
    if replicas() == 1:
        return values
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values)


def replicas() -> int:
    """Return how many copies of the model train together."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def reported(logs: dict) -> dict:
    """Return what a step says as Keras wants it: of several machines it averages rows."""
    strategy = tf.distribute.get_strategy()
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return {name: tf.expand_dims(value, 0) for name, value in logs.items()}
    return logs
