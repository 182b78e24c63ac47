"""How fast our networks are beside graphs of the peers' sizes, in INT8, in one run.

    python tools/compare_peers.py [--runs 200] [--threads 1] [FILE.tflite ...]

Peers are built from layers with random weights (`tools/peer_graphs.py`) and converted as ours are;
the named files, or else a Nexus with random weights, stand beside them. All take turns, so what
else the machine does slows all alike: compare ratios. Prints one JSON object.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np


def main():
    """Convert, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.tflite")
    parser.add_argument("--runs", type=int, default=200, help="turns of each")
    parser.add_argument("--threads", type=int, default=1, help="of each")
    args = parser.parse_args()

    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        files = [*args.files, *convert_peers(Path(folder), with_nexus=not args.files)]
        print(json.dumps(compare(files, args.runs, args.threads), indent=1))


def convert_peers(folder, with_nexus):
    """Return the INT8 files of the peers."""
    from peer_graphs import nanodet, ssdlite

    from edgedet.export.convert import convert
    from edgedet.export.flatbuffer import slim
    from edgedet.export.model_file import repack
    from edgedet.models import Nexus

    networks = [ssdlite(), nanodet()]
    if with_nexus:
        networks.append(Nexus().network)
    images = np.random.default_rng(0).integers(0, 256, (8, 320, 320, 3), "uint8")
    files = []
    for network in networks:
        files.append(folder / f"{network.name}.tflite")
        files[-1].write_bytes(repack(convert(network, "int8", images).content, slim))
    return files


def compare(files, runs, threads):
    """Return the facts of each file, and its time beside that of the first."""
    from edgedet.runtime.interpreter import open_interpreter
    from edgedet.runtime.measure.inspection import operator_macs

    turns = [one_run(open_interpreter(file, threads)) for file in files]
    times = [[] for _ in files]
    for number in range(runs + 10):
        for turn, found in zip(turns, times, strict=True):
            start = time.perf_counter()
            turn()
            if number >= 10:
                found.append(1e3 * (time.perf_counter() - start))
    first = statistics.median(times[0])
    return {
        file.stem: {
            "bytes": file.stat().st_size,
            "million_macs": round(sum(operator_macs(file)) / 1e6, 1),
            "ms": round(statistics.median(found), 3),
            "times_the_first": round(statistics.median(found) / first, 2),
        }
        for file, found in zip(files, times, strict=True)
    }


def one_run(interpreter):
    """Return what runs a network once, on noise."""
    place = interpreter.get_input_details()[0]
    noise = np.random.default_rng(0).integers(-128, 128, place["shape"]).astype(place["dtype"])

    def run():
        interpreter.set_tensor(place["index"], noise)
        interpreter.invoke()

    return run


if __name__ == "__main__":
    main()
