"""How fast Phantom trains: in TensorFlow, with and without its input pipeline, beside PyTorch.

    python tools/compare_training_speed.py --data DIR --torch PYTHON [--threads N]

PYTHON is that of an environment with torch, which this project does not need otherwise:

    python -m venv twin && twin/bin/pip install torch

The two take turns, one round each, so that what else the machine does slows both; compare their
ratio, not the rates of two machines. On a machine that has other work to do, compare them with one
thread each: PyTorch's threads wait for each other, which then means waiting for the other work.
Prints one JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

TWIN = Path(__file__).with_name("torch_twin.py")
BATCH, SIDE, OBJECTS = 32, 128, 8


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a data folder")
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has torch")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each")
    parser.add_argument("--rounds", type=int, default=8, help="turns of each")
    parser.add_argument("--steps", type=int, default=10, help="steps of a round")
    args = parser.parse_args()

    start_tensorflow(args.threads)
    model, average = student()
    contestants = {
        "tensorflow": steps_of(model, average, one_batch().repeat()),
        "tensorflow_with_input": steps_of(model, average, pipeline(args.data)),
    }
    if args.torch:
        contestants["pytorch"] = twin(args.torch, model, args.threads)
    rates = take_turns(contestants, args.rounds, args.steps)
    print(json.dumps({"threads": args.threads, **summary(rates)}))


def summary(rates):
    """Return the median and the best rate of each, and how they compare.

    The best step is that which nothing else disturbed.
    """
    medians = {name: [statistics.median(one) for one in each] for name, each in rates.items()}
    best = {name: max(max(one) for one in each) for name, each in rates.items()}
    found = {
        "median": {name: round(statistics.median(each), 1) for name, each in medians.items()},
        "best": {name: round(each, 1) for name, each in best.items()},
    }
    if "pytorch" in rates:
        pairs = zip(medians["tensorflow"], medians["pytorch"], strict=True)
        found["tensorflow_of_pytorch"] = {
            "median": round(statistics.median(ours / theirs for ours, theirs in pairs), 2),
            "best": round(best["tensorflow"] / best["pytorch"], 2),
        }
    return found


def start_tensorflow(threads):
    """Import TensorFlow and let it use so many threads."""
    from edgedet.cli.loading import prepare_process
    from edgedet.quiet import captured_stderr

    prepare_process()
    with captured_stderr():
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        tf.zeros(1)


def take_turns(contestants, rounds, steps):
    """Return `{name: images a second of each step, by round}`; the first round only warms up."""
    rates = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            seconds = run(steps)
            if number:
                rates[name].append([BATCH / each for each in seconds])
    return rates


def student():
    """Return a Phantom as `edgedet train` makes it, and the average of its weights."""
    from edgedet.training import RECIPES
    from edgedet.training.ema import WeightAverage
    from edgedet.training.model import make_model, prepare

    recipe = RECIPES["phantom-wider"]
    model = make_model(recipe, ("face",))
    prepare(model, recipe, steps=100)
    average = WeightAverage(recipe.optimization.ema_decay)
    average.set_model(model)
    return model, average


def steps_of(model, average, batches):
    """Return a function that makes some steps and returns how long each took."""
    model.make_train_function()
    iterator = iter(batches)

    def step():
        began = time.perf_counter()
        model.train_function(iterator)
        average.on_train_batch_end(0)
        return time.perf_counter() - began

    return lambda steps: [step() for _ in range(steps)]


def one_batch():
    """Return a batch of noise with boxes of 5 to 40 pixels, always the same."""
    import numpy as np
    import tensorflow as tf

    generator = np.random.default_rng(0)
    corners = generator.uniform(0, SIDE - 40, (BATCH, OBJECTS, 2))
    sides = generator.uniform(5, 40, (BATCH, OBJECTS, 2))
    batch = {
        "images": generator.uniform(0, 1, (BATCH, SIDE, SIDE, 3)).astype("float32"),
        "boxes": np.concatenate([corners, corners + sides], -1).astype("float32"),
        "labels": np.zeros((BATCH, OBJECTS), "int32"),
        "ignored": np.zeros((BATCH, OBJECTS), bool),
        "known": np.ones((BATCH, 1), bool),
    }
    return tf.data.Dataset.from_tensors(batch)


def pipeline(data):
    """Return the batches that `edgedet train` would learn from."""
    from edgedet.data.layouts import open_dataset
    from edgedet.data.pipeline import Feeder
    from edgedet.training import RECIPES

    recipe = RECIPES["phantom-wider"]
    dataset = open_dataset(data, "train")
    return Feeder(dataset, (SIDE, SIDE), BATCH, 0, recipe.feeding).epochs(0, 1000)


def twin(python, model, threads):
    """Return a function that lets a PyTorch process make steps of the same network."""
    process = subprocess.Popen(
        [python, str(TWIN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    say(
        process,
        {
            "threads": threads,
            "batch": BATCH,
            "side": SIDE,
            "objects": OBJECTS,
            "strides": list(model.strides),
            "layers": layers_of(model.network),
        },
    )
    expect(process)

    def run(steps):
        say(process, steps)
        return expect(process)

    return run


def say(process, message):
    """Send one line of JSON."""
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def expect(process):
    """Return what the other process answers."""
    line = process.stdout.readline()
    if not line:
        raise SystemExit("The PyTorch process has ended; its error is above.")
    return json.loads(line)


def layers_of(network):
    """Return the network as a list of layers: kind, name, inputs and what else it takes."""
    made = []
    for operation in network.operations:
        node = operation._inbound_nodes[0]
        layer = {
            "kind": type(operation).__name__,
            "name": operation.name,
            "inputs": [tensor._keras_history.operation.name for tensor in node.input_tensors],
        }
        config = operation.get_config()
        for key in ("kernel_size", "strides", "use_bias", "activation"):
            layer[key] = config.get(key)
        layer["channels"] = [tensor.shape[-1] for tensor in node.input_tensors]
        layer["filters"] = operation.output.shape[-1]
        made.append(layer)
    return made


if __name__ == "__main__":
    main()
