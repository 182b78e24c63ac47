"""What each step brings: a recipe trained again and again, each time with one step more.

    python tools/ablate.py phantom-wider --data DIR --out RUNS --metrics easy,medium,hard \
        --all "--epochs 20 --evaluate-every 20" \
        --step "plain: --zoom-probability 0 --ema-decay 0" \
        --step "EMA: --ema-decay 0.999" \
        --step "zoom: --zoom-probability 0.7"

Every step keeps the flags of those before it; one whose name begins with `=` stands for itself: it
has only those of `--all` and of the first step beside its own. All are trained equally long, one
after another, and measured on the val part of the first --data. Finished runs are not repeated.
Prints a table in Markdown and writes it as RUNS/table.md.
"""

import argparse
import shlex
from pathlib import Path

from comparisons import edgedet, figure, measure, table

from edgedet.files import replacing


def main():
    """Train, measure, tabulate."""
    args = parse()
    rows, kept = [], []
    for step in args.step:
        name, _, words = (part.strip() for part in step.partition(":"))
        first, alone = not rows, bool(rows) and name.startswith("=")
        flags = (rows[0][1] if alone else kept) + shlex.split(words)
        kept = kept if alone else flags
        rows.append((name if first or alone else f"+ {name}", flags))
    metrics = args.metrics.split(",")
    figures = [trained(args, name, flags) for name, flags in rows]
    rows = [
        [name, *(figure(found[metric]) for metric in metrics)]
        for (name, _), found in zip(rows, figures, strict=True)
    ]
    text = table(metrics, rows)
    with replacing(args.out / "table.md") as temporary:
        temporary.write_text(text)
    print(text, end="")


def parse():
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", help="of `edgedet train`")
    parser.add_argument("--data", action="append", required=True, help="data folder; may repeat")
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--all", default="", help="flags of all runs")
    parser.add_argument("--step", action="append", required=True, help="NAME: FLAGS")
    parser.add_argument("--metrics", default="ap50", help="keys of `edgedet evaluate --json`")
    return parser.parse_args()


def trained(args, name, flags):
    """Return the metrics of one run, which is trained if it is not there yet."""
    run = args.out / "".join(c if c.isalnum() else "-" for c in name).strip("-")
    result = run / "metrics.json"
    if not result.is_file():
        data = [word for folder in args.data for word in ("--data", folder)]
        train = ["train", args.recipe, *data, "--out", run, *shlex.split(args.all), *flags]
        if (run / "recipe.json").is_file():
            train.append("--resume")
        if edgedet(*train).returncode:
            raise SystemExit(f"{name} could not be trained; what is finished is kept.")
    return measure(run, args.data[0], result)


if __name__ == "__main__":
    main()
