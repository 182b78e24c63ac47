"""How fast training images come: the input pipeline beside the bare decoding of the same files.

    python tools/benchmark_pipeline.py --data DIR [--input 128] [--batches 60]

Both run on all cores, one after the other in one process; compare their ratio, not the rates of
two machines. Prints one JSON object.
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
    parser.add_argument("--batches", type=int, default=60, help="batches that are timed")
    args = parser.parse_args()

    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.data.layouts import open_dataset

    dataset = open_dataset(args.data, "train")
    rates = {
        "decoding": images_per_second(bare_decoding(dataset, args.batch_size), args),
        "pipeline": images_per_second(pipeline(dataset, args, cache=False), args),
        "pipeline_cached": images_per_second(pipeline(dataset, args, cache=True), args),
    }
    shares = {f"{name}_of_decoding": rates[name] / rates["decoding"] for name in list(rates)[1:]}
    print(json.dumps({name: round(value, 2) for name, value in {**rates, **shares}.items()}))


def bare_decoding(dataset, batch_size):
    """Return batches of the number of bytes of each decoded image, and nothing else."""
    import tensorflow as tf

    def decode(path):
        return tf.size(tf.io.decode_jpeg(tf.io.read_file(path), channels=3))

    paths = tf.data.Dataset.from_tensor_slices([str(record.image) for record in dataset.records])
    sizes = paths.shuffle(len(dataset), seed=0).repeat().map(decode, tf.data.AUTOTUNE)
    return sizes.batch(batch_size)


def pipeline(dataset, args, cache):
    """Return training batches with all augmentation."""
    from edgedet.data.pipeline import Feeder
    from edgedet.settings import Feeding

    feeder = Feeder(dataset, (args.input, args.input), args.batch_size, 0, Feeding(cache=cache))
    return feeder.epochs(0, 1000)


def images_per_second(batches, args, warmup=5):
    """Return the rate at which images come, after a few batches."""
    iterator = iter(batches)
    for _ in range(warmup):
        next(iterator)
    began = time.perf_counter()
    for _ in range(args.batches):
        next(iterator)
    return args.batches * args.batch_size / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
