"""How training scales: images a second of one worker process, of two, and so on.

    python tools/benchmark_workers.py --data DIR [--recipe phantom-wider] [--workers 2] [--cores 1]

Each worker gets its own cores, and they meet over the network interface of this machine, as on
several machines. The batch grows with the workers, so that each has the same work in a step; what
is lost is what adding up gradients, and waiting for each other, costs. Prints one JSON object.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

BATCH = 32


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a data folder")
    parser.add_argument("--recipe", default="phantom-wider", help="of `edgedet train`")
    parser.add_argument("--workers", type=int, default=2, help="largest number of them")
    parser.add_argument("--cores", type=int, default=1, help="of each worker")
    parser.add_argument("--epochs", type=int, default=2, help="the last one is measured")
    parser.add_argument("rest", nargs="*", help="more flags of `edgedet train`, after --")
    args = parser.parse_args()
    rates = {count: images_per_second(args, count) for count in range(1, args.workers + 1)}
    found = {
        count: {"images_per_second": rate, "of_one": round(rate / rates[1], 3)}
        for count, rate in rates.items()
    }
    print(json.dumps({"workers": found, "cores_of_each": args.cores}, indent=1))


def images_per_second(args, count):
    """Return the rate of the last epoch of a short training by `count` workers."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        workers = [start(args, run, addresses, index) for index in range(count)]
        said = [worker.communicate()[1] for worker in workers]
    failed = [text for worker, text in zip(workers, said, strict=True) if worker.returncode]
    if failed:
        raise SystemExit(f"benchmark_workers: a worker failed:\n{failed[0][-2000:]}")
    return float(re.findall(r"([\d.]+) images/s", said[0])[-1])


def start(args, run, addresses, index):
    """Return the process of one worker, on cores of its own."""
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    first = index * args.cores
    cores = ",".join(map(str, range(first, first + args.cores)))
    words = ["train", args.recipe, "--data", str(args.data), "--out", str(run)]
    words += ["--strategy", "multiworker", "--batch-size", str(BATCH * len(addresses))]
    words += ["--epochs", str(args.epochs), "--evaluate-every", str(args.epochs + 1), *args.rest]
    return subprocess.Popen(
        ["taskset", "-c", cores, sys.executable, "-m", "edgedet", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TF_CONFIG": json.dumps(task)},
    )


def free_ports(count):
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    main()
