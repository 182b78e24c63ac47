"""How fast training images come: the input pipeline beside the bare decoding of the same files.

    python tools/benchmark_pipeline.py --data DIR [--input 128] [--seconds 2] [--rounds 3]

All take turns on all cores of one process; compare their ratio, not the rates of two machines.
Prints one JSON object: images a second (the best round, as other programs only take away), the
share of bare decoding, and the milliseconds of a core that an image costs (the cheapest round).

The stages add up: `drawn` decides what is shown and where the objects lie, `painted` reads, cuts
and resamples too, `whole` also changes light and colours: what training gets.
"""

import argparse
import json
import time
from pathlib import Path


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a data folder")
    parser.add_argument("--input", type=int, default=128, help="side of the input in pixels")
    parser.add_argument("--batch-size", type=int, default=32, help="images a batch")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each stage")
    args = parser.parse_args()

    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.data.layouts import open_dataset

    dataset = open_dataset(args.data, "train")
    stages = {"decoding": bare_decoding(dataset, args.batch_size)}
    for name, cache in (("files", False), ("cached", True)):
        stages |= {f"{name}_{stage}": it for stage, it in pipeline(dataset, args, cache).items()}
    print(json.dumps(report(measure(stages, args), args.batch_size), indent=1))


def bare_decoding(dataset, batch_size):
    """Return batches of the number of bytes of each decoded image, and nothing else."""
    import tensorflow as tf

    def decode(path):
        return tf.size(tf.io.decode_jpeg(tf.io.read_file(path), channels=3))

    paths = tf.data.Dataset.from_tensor_slices([str(record.image) for record in dataset.records])
    sizes = paths.shuffle(len(dataset), seed=0).repeat().map(decode, tf.data.AUTOTUNE)
    return sizes.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def pipeline(dataset, args, cache):
    """Return the batches of each stage."""
    import tensorflow as tf

    from edgedet.data.feeding.feeder import Feeder
    from edgedet.settings import Feeding

    feeder = Feeder(dataset, (args.input, args.input), args.batch_size, 0, Feeding(cache=cache))
    make, epoch = feeder.random_batch, tf.constant(0, tf.int64)

    def drawn(step):
        layers, flipped, _ = make.draw(epoch, step, True)
        return make.truth(layers, flipped)

    def painted(step):
        layers, flipped, _ = make.draw(epoch, step, True)
        return make.truth(layers, flipped), make.paint(layers, flipped)

    steps = tf.data.Dataset.range(feeder.steps).repeat()
    parts = {stage.__name__: steps.map(stage, tf.data.AUTOTUNE) for stage in (drawn, painted)}
    parts = {name: batches.prefetch(tf.data.AUTOTUNE) for name, batches in parts.items()}
    return {**parts, "whole": feeder.epochs(0, 10**6)}


def measure(stages, args):
    """Return, of each stage, the (seconds, seconds of a core) that a batch takes in each round."""
    iterators = {name: iter(batches) for name, batches in stages.items()}
    taken = {name: [] for name in stages}
    for _ in range(args.rounds):
        for name, iterator in iterators.items():
            taken[name].append(per_batch(iterator, args.seconds))
    return taken


def per_batch(iterator, seconds):
    """Return the seconds, and seconds of a core, that each of the next batches takes."""
    # What was prepared while others were measured would cost nothing.
    for _ in range(8):
        next(iterator)
    began, used, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < seconds:
        next(iterator)
        count += 1
    return (time.perf_counter() - began) / count, (time.process_time() - used) / count


def report(taken, batch_size):
    """Return what is printed."""
    seconds = {name: min(wall for wall, _ in rounds) for name, rounds in taken.items()}
    cores = {name: min(core for _, core in rounds) for name, rounds in taken.items()}
    rates = {name: batch_size / each for name, each in seconds.items()}
    return {
        name: {
            "images_per_second": round(rates[name]),
            "of_decoding": round(rates[name] / rates["decoding"], 3),
            "core_ms_per_image": round(1000 * cores[name] / batch_size, 3),
            "core_of_decoding": round(cores["decoding"] / cores[name], 3),
        }
        for name in taken
    }


if __name__ == "__main__":
    main()
