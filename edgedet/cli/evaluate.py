"""`edgedet evaluate`: how good a model is on a data set, as it would run on the device."""

import argparse
import dataclasses
import json
import math
import sys
from pathlib import Path

HELP = "Measure a run, a .keras or a .tflite model on a data set."

# Rows of the table, in COCO's order; the rest of the numbers follow.
COCO_ROWS = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar100")
WIDER_ROWS = ("easy", "medium", "hard", "ap50_10pct", "ap50_20pct")
POINT_ROWS = ("pd", "false_alarms")
# Of the sides of detections, for models that say how sure they are of each.
STD_ROWS = ("box_std_coverage", "box_std_rank_correlation")
TRACKING_ROWS = ("ap50", "mota", "idf1", "idsw", "compute")


def add_arguments(parser):
    parser.add_argument("model", type=Path, help="a run folder, a .keras or a .tflite file")
    parser.add_argument("--data", type=Path, required=True, help="a data folder or a COCO JSON")
    parser.add_argument("--split", default="val", help="part of the data (default: %(default)s)")
    parser.add_argument("--classes", metavar="NAME,...", default="", help="measure only these")
    parser.add_argument(
        "--ground-truth",
        type=Path,
        metavar="DIR",
        help="WIDER FACE's .mat lists (default: eval_tools/ground_truth in the data folder)",
    )
    parser.add_argument(
        "--points",
        type=_pixels,
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
        "--sequences", metavar="NAME,...", default="", help="with --track: measure only these"
    )
    parser.add_argument("--invert", action="store_true", help="exchange dark and bright first")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="write curves and worst images")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    _refuse_contradictions(args)
    detect = _load(args.model, args.threads)
    if args.invert:
        detect = _inverted(detect)
    metrics = _track(args, detect) if args.track else _detect(args, detect)
    print(json.dumps(metrics) if args.json else _table(args, metrics))


def _refuse_contradictions(args):
    from edgedet.errors import UsageError

    for name in ("dense", "sequences"):
        if getattr(args, name) and not args.track:
            raise UsageError(f"--{name}: expected --track beside it, found none.\nAdd --track.")
    for name in ("plots", "points"):
        if getattr(args, name) is not None and args.track:
            raise UsageError(f"--{name}: expected no --track beside it.\nLeave out one of the two.")


def _track(args, detect):
    """Return the metrics of a detector that follows the objects of MOT sequences."""
    from edgedet.data import mot
    from edgedet.evaluation import evaluate_tracking

    return evaluate_tracking(
        detect,
        mot.read_sequences(args.data, _names(args.sequences)),
        chosen=_names(args.classes),
        transform=_transform(args, detect),
        progress=_progress,
        dense=args.dense,
    )


def _detect(args, detect):
    """Return the metrics of a detector on still images."""
    from edgedet.data import layouts, wider_face
    from edgedet.evaluation import evaluate

    dataset = layouts.open_dataset(args.data, args.split)
    evaluation = evaluate(
        detect,
        dataset,
        chosen=_names(args.classes),
        transform=_transform(args, detect),
        progress=_progress,
    )
    is_wider = args.data.is_dir() and args.split in wider_face.splits(args.data)
    curves = _wider_curves(args, evaluation.results) if is_wider else {}
    metrics = {
        **evaluation.metrics,
        **(_wider_metrics(curves) if is_wider else {}),
        **(_point_metrics(evaluation.results, detect.min_score, args.points)),
        **_uncertainty(evaluation.results, detect),
    }
    if args.plots:
        _write_plots(args, evaluation.results, curves, detect.min_score)
    return metrics


def _names(listed):
    return [name.strip() for name in listed.split(",") if name.strip()]


def _inverted(detect):
    """Return the detector that sees thermal frames inverted; any other as it is."""
    from edgedet.runtime import EdgeDetector

    if detect.manifest.thermal is None:
        return detect
    # Counts have no fixed end to be turned at, and colours none at all; grey levels have.
    thermal = detect.manifest.thermal.inverted()
    return EdgeDetector(detect.engine, dataclasses.replace(detect.manifest, thermal=thermal))


def _transform(args, detect):
    """Return what is done to each frame: ordinary images are inverted before all else."""
    from edgedet.evaluation.results import inverted, unchanged

    return inverted if args.invert and detect.manifest.thermal is None else unchanged


def _load(model, threads):
    """Return an `EdgeDetector` of any kind of model."""
    from edgedet.runtime import EdgeDetector

    if model.suffix == ".tflite" and not model.is_dir():
        return EdgeDetector.load(model, threads=threads)
    from edgedet.cli.loading import start_tensorflow

    start_tensorflow()
    from edgedet.models import keras_engine
    from edgedet.training import load_trained

    trained, _ = load_trained(model)

    return EdgeDetector(keras_engine(trained), trained.manifest())


def _wider_curves(args, results):
    from edgedet.evaluation import wider_face_curves

    return wider_face_curves(results, args.ground_truth or args.data / "eval_tools/ground_truth")


def _wider_metrics(curves):
    from edgedet.evaluation import wider_face_metrics

    return wider_face_metrics(curves)


def _point_metrics(results, min_score, pixels):
    from edgedet.metrics import point_metrics

    if pixels is None:
        return {}
    return point_metrics(results.reported(min_score), results.records, pixels)


def _uncertainty(results, detect):
    """Return whether boxes are as far off as the model says, if it says it."""
    from edgedet import outputs
    from edgedet.errors import DataError
    from edgedet.evaluation.uncertainty import joined, side_errors

    if outputs.of_role(detect.manifest.kinds, outputs.LOG_VARIANCE) is None:
        return {}
    try:
        sides = joined([side_errors(results, detect.min_score)])
    except DataError:
        return dict.fromkeys(STD_ROWS)
    return dict(zip(STD_ROWS, (sides.coverage, sides.rank_correlation), strict=True))


def _write_plots(args, results, curves, min_score):
    from edgedet.evaluation.contact_sheet import write_contact_sheet
    from edgedet.evaluation.curve_plot import class_curves, write_curves

    title = f"{args.model.name} on {args.data.name}, {args.split}"
    by_class = class_curves(results)
    write_curves(args.plots / "curves.png", by_class, f"{title}, overlap .5", 101, min_score)
    if curves:
        path = args.plots / "wider_face.png"
        write_curves(path, curves, f"{title}, WIDER FACE's protocol", None, min_score)
    write_contact_sheet(args.plots / "worst.png", results, min_score)
    print(f"Plots are in {args.plots}.", file=sys.stderr)


def _table(args, metrics):
    skipped = f", {metrics['skipped']} unreadable and skipped" if metrics["skipped"] else ""
    lines = [f"{args.model} on {args.data}, {args.split}: {metrics['images']} images{skipped}", ""]
    if args.track:
        lines += _tracking_rows(metrics)
        for name, part in metrics["sequences"].items():
            lines += ["", name, *_tracking_rows(part)]
        return "\n".join(lines)
    rows = [name for name in (*COCO_ROWS, *WIDER_ROWS, *POINT_ROWS, *STD_ROWS) if name in metrics]
    lines += [_row(name, metrics[name]) for name in rows]
    lines += ["", "AP50 of each class", *_rows(metrics["per_class"])]
    for name, part in metrics.get("per_set", {}).items():
        lines += ["", f"{name}", _row("ap50", part["ap50"]), *_rows(part["per_class"])]
    return "\n".join(lines)


def _tracking_rows(metrics):
    return [_row(name, metrics[name]) for name in TRACKING_ROWS]


def _rows(values):
    return [_row(f"  {name}", value) for name, value in values.items()]


def _row(name, value):
    text = "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
    return f"{name:<20} {text:>6}"


def _progress(records):
    """Give the records one by one, and say on stderr how far we are."""
    for done, record in enumerate(records):
        _say(done, len(records))
        yield record
    _say(len(records), len(records), end="\n")


def _say(done, total, end=""):
    # A log file gets the last line only; a terminal gets one line that changes.
    if end or sys.stderr.isatty():
        start = "\r" if sys.stderr.isatty() else ""
        print(f"{start}{done} of {total} images", end=end, file=sys.stderr, flush=True)


def _pixels(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a distance in pixels, found {text!r}")
    return value
