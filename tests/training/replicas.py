"""Train a tiny model by two replicas and alone, and print how far apart the weights end.

python replicas.py mirrored
TF_CONFIG=... python replicas.py multiworker    # once for each machine
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf
from conftest import Tiny

from edgedet.settings import Optimization
from edgedet.training import Recipe
from edgedet.training.optimizer import make_optimizer
from edgedet.training.strategy import STRATEGIES, is_chief, make_strategy, meet, share

# So short that every step is clipped.
CHOSEN = Optimization(clip_norm=0.1, warmup_epochs=0.0)
EPOCHS, STEPS, BATCH = 2, 3, 8
SINGLE = tf.distribute.get_strategy()


def mirrored():
    """Two replicas on the one CPU."""
    [cpu] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def batches():
    """Noise with many objects in the first half of each batch and hardly any in the second."""
    generator = np.random.default_rng(0)
    count = STEPS * BATCH
    corners = generator.uniform(0, 20, (count, 3, 2)), generator.uniform(25, 60, (count, 3, 2))
    crowded = np.arange(count) % BATCH < BATCH // 2
    labels = np.where(crowded[:, None], [0, 0, 0], -1)
    labels[BATCH - 1 :: BATCH, 0] = 0
    data = {
        "images": generator.uniform(0, 1, (count, 64, 64, 3)).astype("float32"),
        "boxes": np.concatenate(corners, -1).astype("float32"),
        "labels": labels.astype("int32"),
        "ignored": np.zeros((count, 3), bool),
    }
    return tf.data.Dataset.from_tensor_slices(data).batch(BATCH).repeat(EPOCHS)


def part(first, count):
    """The same samples of each batch."""
    return batches().map(
        lambda batch: {name: value[first : first + count] for name, value in batch.items()}
    )


def train(strategy, norms, accumulate=1):
    """Return the weights after a few steps, and the losses."""
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = Tiny()
        for layer in model.network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = norms != "frozen"
                layer.synchronized = norms == "synchronized"
        optimizer = make_optimizer(CHOSEN, STEPS, EPOCHS, strategy.num_replicas_in_sync)
        model.compile(optimizer, accumulate=accumulate)
        optimizer.build(model.trainable_variables)
    options = {"epochs": EPOCHS, "steps_per_epoch": STEPS, "verbose": 0, "shuffle": False}
    history = model.fit(share(strategy, part, BATCH), **options).history
    return [weight.numpy() for weight in model.weights], [np.array(history["loss"])]


def apart(found, expected):
    """Return the largest difference of two lists of arrays."""
    return float(max(np.abs(a - b).max() for a, b in zip(found, expected, strict=True)))


def main(name):
    STRATEGIES["mirrored"] = mirrored
    strategy = make_strategy(Recipe(strategy=name, batch_size=BATCH))
    found = {"replicas": strategy.num_replicas_in_sync, "chief": is_chief(strategy)}
    runs = {"synchronized": train(strategy, "synchronized")}
    if name == "mirrored":
        runs["accumulated"] = train(strategy, "frozen", accumulate=2)
    meet(strategy)
    if found["chief"]:
        for run, (weights, losses) in runs.items():
            alone = train(SINGLE, "frozen" if run == "accumulated" else run)
            found[run] = [apart(weights, alone[0]), apart(losses, alone[1])]
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
