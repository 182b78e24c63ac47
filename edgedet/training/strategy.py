"""More than one device or machine: replicas of the model share each batch and train as one.

`mirrored` uses all GPUs of this machine. `multiworker` uses several machines: the same command runs
on each, and the environment variable TF_CONFIG tells it of the others:

    TF_CONFIG='{"cluster": {"worker": ["one:2222", "two:2222"]},
                "task": {"type": "worker", "index": 0}}'

The data and the run folder lie on a disk that all see; worker 0, the chief, evaluates and writes.
`--batch-size` counts the images of all replicas together, so a recipe means the same on any
number of machines: positives are counted, and gradients added up, over all of them.
https://www.tensorflow.org/guide/distributed_training
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable

import tensorflow as tf

from edgedet.errors import DataError
from edgedet.models.shares import add_over_replicas
from edgedet.training.recipe import Recipe

STRATEGIES = {
    "single": tf.distribute.get_strategy,
    "mirrored": tf.distribute.MirroredStrategy,
    "multiworker": tf.distribute.MultiWorkerMirroredStrategy,
}


def make_strategy(recipe: Recipe) -> tf.distribute.Strategy:
    """Return the strategy of a recipe; that of several machines waits until all have come.

    `multiworker` must be made before TensorFlow computes anything.

    Raises:
        DataError: No machine is named, or the batch cannot be shared as the recipe asks.
    """
    if recipe.strategy == "multiworker" and "TF_CONFIG" not in os.environ:
        raise DataError(
            "--strategy multiworker: expected the environment variable TF_CONFIG to name all "
            "machines, found none.\nSet it on each machine, as in "
            "https://www.tensorflow.org/guide/distributed_training#TF_CONFIG"
        )
    strategy = _made(recipe.strategy)
    _require_shares(recipe, strategy.num_replicas_in_sync)
    return strategy


# A process can join the others only once.
@functools.cache
def _made(name):
    return STRATEGIES[name]()


def _require_shares(recipe, replicas):
    chosen = recipe.optimization
    shares = replicas * chosen.accumulate
    if recipe.batch_size % shares:
        raise DataError(
            f"--batch-size: expected a multiple of {shares}, {chosen.accumulate} parts on each of "
            f"{replicas} replicas, found {recipe.batch_size}.\n"
            "Choose another --batch-size or --accumulate."
        )
    if replicas > 1 and chosen.accumulate > 1 and chosen.synchronize_norms:
        raise DataError(
            "--accumulate: expected 1 where several replicas synchronize their batch norms, found "
            f"{chosen.accumulate}.\nAdd --no-synchronize-norms."
        )


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Return whether this process is the one that evaluates and writes."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_id


def meet(strategy: tf.distribute.Strategy) -> None:
    """Wait until all machines have come here: one that leaves early stops the others."""
    if strategy.num_replicas_in_sync > 1:
        strategy.run(lambda: add_over_replicas(tf.constant(0.0)))


def share(strategy: tf.distribute.Strategy, make: Callable, batch_size: int):
    """Return batches such that each replica is given its own equal part of every one.

    Args:
        strategy: Of the training.
        make: (first, count) of the samples of every batch -> their tf.data, in batches. Each
            machine asks for its own, so what reading costs is shared, too.
        batch_size: Samples of a batch for all replicas.
    """
    if strategy.num_replicas_in_sync == 1:
        return make(0, batch_size)
    return strategy.distribute_datasets_from_function(
        lambda context: _of_machine(make, batch_size, context)
    )


def _of_machine(make, batch_size, context):
    """Return the parts for the replicas of one machine, one part after another."""
    here = context.num_replicas_in_sync // context.num_input_pipelines
    size = batch_size // context.num_input_pipelines
    batches = make(context.input_pipeline_id * size, size)

    def parts(batch):
        chosen = {name: tf.stack(tf.split(value, here)) for name, value in batch.items()}
        return tf.data.Dataset.from_tensor_slices(chosen)

    return batches if here == 1 else batches.flat_map(parts)
