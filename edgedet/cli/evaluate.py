"""`edgedet evaluate`: how good a model is on a data set, as it would run on the device."""

import json
import sys

from edgedet.cli.arguments import distance, names, path, threads
from edgedet.cli.progress import show_progress

HELP = "Measure a run, a .keras or a .tflite model on a data set."


def add_arguments(parser):
    parser.add_argument("model", type=path, help="a run folder, a .keras or a .tflite file")
    parser.add_argument("--data", type=path, required=True, help="a data folder or a COCO JSON")
    parser.add_argument("--split", default="val", help="part of the data (default: %(default)s)")
    parser.add_argument(
        "--classes", type=names, metavar="NAME,...", default=(), help="measure only these"
    )
    parser.add_argument(
        "--ground-truth",
        type=path,
        metavar="DIR",
        help="WIDER FACE's .mat lists (default: eval_tools/ground_truth in the data folder)",
    )
    parser.add_argument(
        "--points",
        type=distance,
        nargs="?",
        const=3.0,
        metavar="PIXELS",
        help="measure by the distance of centres too (default distance: 3)",
    )
    parser.add_argument(
        "--track", action="store_true", help="MOT sequences: measure who is who, too"
    )
    parser.add_argument(
        "--dense", action="store_true", help="with --track: compute every frame in full"
    )
    parser.add_argument(
        "--sequences",
        type=names,
        metavar="NAME,...",
        default=(),
        help="with --track: measure only these",
    )
    parser.add_argument("--invert", action="store_true", help="exchange dark and bright first")
    parser.add_argument("--plots", type=path, metavar="DIR", help="write curves and worst images")
    parser.add_argument("--threads", type=threads, default=1, help="CPU threads (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    from edgedet.cli.loading import load_detector
    from edgedet.evaluation.inversion import seeing_inverted
    from edgedet.evaluation.results import unchanged

    _refuse_contradictions(args)
    _check_folders(args)
    detect, transform = load_detector(args.model, args.threads), unchanged
    if args.invert:
        detect, transform = seeing_inverted(detect)
    measure = _track if args.track else _detect
    metrics, text = measure(args, detect, transform)
    print(json.dumps(metrics) if args.json else text)


def _refuse_contradictions(args):
    from edgedet.errors import UsageError

    for name in ("dense", "sequences"):
        if getattr(args, name) and not args.track:
            raise UsageError(f"--{name}: expected --track beside it, found none.\nAdd --track.")
    for name in ("plots", "points", "ground_truth"):
        if getattr(args, name) is not None and args.track:
            flag = name.replace("_", "-")
            raise UsageError(f"--{flag}: expected no --track beside it.\nLeave out one of the two.")


def _check_folders(args):
    """Say of a folder that cannot be used before hours are spent, not after."""
    from edgedet.errors import DataError
    from edgedet.files import require_writable
    from edgedet.metrics.wider_face_lists import WIDER_FACE_SETTINGS, list_name

    lists = map(list_name, WIDER_FACE_SETTINGS) if args.ground_truth else ()
    for name in lists:
        if not (args.ground_truth / name).is_file():
            raise DataError(
                f"{args.ground_truth}: expected a folder with WIDER FACE's .mat lists, {name} "
                "among them, found none of that name.\n"
                "Check the path of --ground-truth, or leave it out."
            )
    if args.plots:
        require_writable(args.plots)


def _track(args, detect, transform):
    """Return the metrics of a detector that follows the objects of sequences, and their table."""
    from edgedet.data import mot
    from edgedet.evaluation import evaluate_tracking
    from edgedet.evaluation.table import tracking_table_of

    sequences = mot.read_sequences(args.data, args.sequences)
    metrics = evaluate_tracking(
        detect, sequences, args.classes, transform, show_progress, args.dense
    )
    return metrics, tracking_table_of(metrics, _title(args))


def _detect(args, detect, transform):
    """Return the metrics of a detector on still images, and their table."""
    from edgedet.data.layouts import open_dataset
    from edgedet.evaluation import evaluate_completely
    from edgedet.evaluation.table import table_of

    evaluation = evaluate_completely(
        detect,
        open_dataset(args.data, args.split),
        args.ground_truth or args.data / "eval_tools/ground_truth",
        args.points,
        args.classes,
        transform,
        show_progress,
    )
    if args.plots:
        _write_plots(args, evaluation, detect.min_score)
    return evaluation.metrics, table_of(evaluation.metrics, _title(args))


def _title(args):
    return f"{args.model} on {args.data}, {args.split}"


def _write_plots(args, evaluation, min_score):
    from edgedet.evaluation.contact_sheet import write_contact_sheet
    from edgedet.evaluation.curve_plot import class_curves, write_curves

    title = f"{args.model.name} on {args.data.name}, {args.split}"
    by_class = class_curves(evaluation.results)
    write_curves(args.plots / "curves.png", by_class, f"{title}, overlap .5", 101, min_score)
    if evaluation.curves:
        file = args.plots / "wider_face.png"
        write_curves(file, evaluation.curves, f"{title}, WIDER FACE's protocol", None, min_score)
    write_contact_sheet(args.plots / "worst.png", evaluation.results, min_score)
    print(f"Plots are in {args.plots}.", file=sys.stderr)
