#!/usr/bin/env python3
"""Time exported models on this board: a table, then one JSON object a line.

Needs this folder's checkout, NumPy, Pillow and an interpreter (ai-edge-litert or tflite-runtime),
nothing else; every number comes from the code behind `edgedet bench`.
"""

import argparse
import json
import sys
from pathlib import Path

# A board may have the checkout without an installation.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edgedet.cli import bench  # noqa: E402
from edgedet.errors import EdgedetError  # noqa: E402


def main() -> int:
    """Measure each model and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", metavar="MODEL", nargs="+", type=Path, help=".tflite files")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--frame", type=bench.frame_size, default=(480, 640), metavar="WxH")
    args = parser.parse_args()
    try:
        results = [
            bench.measured(model, args.threads, args.runs, args.frame) for model in args.models
        ]
    except EdgedetError as error:
        print(f"benchmark_device: {error}", file=sys.stderr)
        return 1
    print("\n\n".join(bench.table(facts) for facts in results), end="\n\n")
    for facts in results:
        print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
