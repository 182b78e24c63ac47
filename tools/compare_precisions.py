"""What INT8 costs, and what learning to round gives back: one table for a trained run.

    python tools/compare_precisions.py MODEL --data DIR --out FOLDER --metrics ap50,easy,hard \
        [--qat 4] [--rates 0.03,0.1] [--engines edgedet,tfmot] [--recipe NAME [--train DIR]...]

Exports a run in float, float16 and INT8, and in INT8 after fine-tuning by each engine with each
learning rate, all for equally many epochs on the run's own data; then evaluates every file on the
val part of DIR. A .keras file has neither recipe nor data: name both. Finished files are not made
again; why one cannot be exported is told on the way.
Prints a table in Markdown and writes it as FOLDER/table.md.
"""

import argparse
from pathlib import Path

from comparisons import edgedet, figure, measure, table

from edgedet.files import replacing


def main():
    """Export, evaluate, tabulate."""
    args = parse()
    args.out.mkdir(parents=True, exist_ok=True)
    metrics = args.metrics.split(",")
    rows = [row(args, metrics, name, flags) for name, flags in variants(args)]
    text = table(["bytes", *metrics], rows)
    with replacing(args.out / "table.md") as temporary:
        temporary.write_text(text)
    print(text, end="")


def parse():
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="a run folder, or a .keras file")
    parser.add_argument("--data", type=Path, required=True, help="a data folder with a val part")
    parser.add_argument("--out", type=Path, required=True, help="folder of the files")
    parser.add_argument("--metrics", default="ap,ap50", help="keys of `edgedet evaluate --json`")
    parser.add_argument("--qat", type=int, default=4, help="epochs of fine-tuning; 0 leaves it out")
    parser.add_argument("--rates", default="0.1", help="learning rates, shares of the recipe's")
    parser.add_argument("--engines", default="edgedet,tfmot", help="who rounds in fine-tuning")
    parser.add_argument("--recipe", help="what a .keras file is fine-tuned by")
    parser.add_argument("--train", action="append", default=[], help="data to learn from")
    return parser.parse_args()


def variants(args):
    """Return (name, flags of `edgedet export`) of each row."""
    data = [word for folder in args.train for word in ("--data", folder)]
    plain = [(name, [f"--{name}", *data]) for name in ("float", "float16", "int8")]
    qat = ["--qat", str(args.qat), *(["--recipe", args.recipe] if args.recipe else []), *data]
    tuned = [
        (f"{engine} {rate}", [*qat, "--qat-engine", engine, "--qat-rate", rate])
        for engine in args.engines.split(",")
        for rate in args.rates.split(",")
    ]
    return plain + (tuned if args.qat else [])


def row(args, metrics, name, flags):
    """Return the cells of one file, which is exported if it is not there yet."""
    file = args.out / f"{name.replace(' ', '-')}.tflite"
    if not file.is_file() and edgedet("export", args.model, file, *flags).returncode:
        return [name, "not exported", *["-"] * len(metrics)]
    found = measure(file, args.data, file.with_suffix(".json"))
    return [name, f"{file.stat().st_size:,}", *(figure(found[each]) for each in metrics)]


if __name__ == "__main__":
    main()
