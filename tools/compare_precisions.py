"""What INT8 costs, and what learning to round gives back: one table for a trained run.

    python tools/compare_precisions.py RUN --data DIR --out FOLDER --metrics ap50,easy,medium,hard \
        [--qat 4] [--rates 0.03,0.1] [--engines edgedet,tfmot]

Exports the run in float, float16 and INT8, and in INT8 after fine-tuning by each engine with each
learning rate, all for equally many epochs on the run's own data; then evaluates every file on the
val part of DIR. Finished files are not made again; what cannot be exported says why. Prints a table
in Markdown and writes it as FOLDER/table.md.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from ablate import figure


def main():
    """Export, evaluate, tabulate."""
    args = parse()
    args.out.mkdir(parents=True, exist_ok=True)
    rows = [measure(args, name, flags) for name, flags in variants(args)]
    metrics = args.metrics.split(",")
    table = markdown(metrics, rows)
    (args.out / "table.md").write_text(table)
    print(table, end="")


def parse():
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="a run folder of `edgedet train`")
    parser.add_argument("--data", type=Path, required=True, help="a data folder with a val part")
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    parser.add_argument("--metrics", default="ap,ap50", help="keys of `edgedet evaluate --json`")
    parser.add_argument("--qat", type=int, default=4, help="epochs of fine-tuning; 0 leaves it out")
    parser.add_argument("--rates", default="0.1", help="learning rates, shares of the recipe's")
    parser.add_argument("--engines", default="edgedet,tfmot", help="who rounds in fine-tuning")
    return parser.parse_args()


def variants(args):
    """Return (name, flags of `edgedet export`) of each row."""
    plain = [(name, [f"--{name}"]) for name in ("float", "float16", "int8")]
    tuned = [
        (f"{engine} {rate}", ["--qat", str(args.qat), "--qat-engine", engine, "--qat-rate", rate])
        for engine in args.engines.split(",")
        for rate in args.rates.split(",")
    ]
    return plain + (tuned if args.qat else [])


def measure(args, name, flags):
    """Return (name, bytes, metrics) of one file, or (name, None, why there is none)."""
    file = args.out / f"{name.replace(' ', '-')}.tflite"
    result = file.with_suffix(".json")
    if not file.is_file():
        export = edgedet("export", args.run, file, *flags)
        if export.returncode:
            return name, None, export.stderr.strip().rpartition("edgedet: ")[2]
    if not result.is_file():
        result.write_text(edgedet("evaluate", file, "--data", args.data, "--json").stdout)
    return name, file.stat().st_size, json.loads(result.read_text())


def edgedet(*words):
    """Run a command of this Python's edgedet."""
    command = [sys.executable, "-m", "edgedet", *map(str, words)]
    print(" ".join(command[2:]), file=sys.stderr, flush=True)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def markdown(metrics, rows):
    """Return a table with a row for each file."""
    head = f"| | bytes | {' | '.join(metrics)} |\n|---|--:|{'--:|' * len(metrics)}\n"
    return head + "".join(line(metrics, *row) for row in rows)


def line(metrics, name, size, found):
    """Return the row of one file."""
    if size is None:
        return f"| {name} | - | {found.splitlines()[0]} |\n"
    return f"| {name} | {size:,} | {' | '.join(figure(found[each]) for each in metrics)} |\n"


if __name__ == "__main__":
    main()
