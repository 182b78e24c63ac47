"""`edgedet demo`: the whole product on data that it draws itself."""

import json
from pathlib import Path

from edgedet.cli.arguments import path

HELP = "Draw a data set, train on it, export, measure and write a report."


def add_arguments(parser):
    parser.add_argument(
        "--out",
        type=path,
        default=Path("demo-out"),
        metavar="DIR",
        help="where everything goes (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.demo.demo import require_success, run_demo
    from edgedet.demo.summary import as_json, as_text

    outcome = run_demo(args.out)
    print(json.dumps(as_json(outcome)) if args.json else as_text(outcome))
    require_success(outcome)
    return 0
