"""`edgedet export`: a trained run becomes one .tflite for the device."""

from __future__ import annotations

import argparse
from pathlib import Path

from edgedet.cli import learning_on
from edgedet.cli.arguments import count, path, share
from edgedet.training.learning_on import QAT_ENGINE, QAT_RATE

HELP = "Write a trained model as one .tflite with its manifest."


def add_arguments(parser):
    parser.add_argument("model", type=path, metavar="RUN", help="a run folder or a .keras file")
    parser.add_argument("file", type=path, metavar="FILE.tflite", help="the file to write")
    _add_precision(parser)
    parser.add_argument(
        "--data",
        action="append",
        type=path,
        metavar="DIR",
        help="take calibration and comparison images from the training part of DIR, not of the "
        "run's own data; may be repeated",
    )
    _add_fine_tuning(parser)
    _add_contents(parser)


def _add_precision(parser):
    precision = parser.add_mutually_exclusive_group()
    for name, text in (
        ("float", "32-bit weights and arithmetic"),
        ("float16", "16-bit weights, 32-bit arithmetic"),
        ("int8", "8-bit integers throughout (the default)"),
        ("int16", "8-bit weights, 16-bit arithmetic: slower, for what 8 bits answer too coarsely"),
    ):
        precision.add_argument(
            f"--{name}", dest="precision", action="store_const", const=name, help=text
        )
    parser.set_defaults(precision="int8")


def _add_fine_tuning(parser):
    parser.add_argument(
        "--qat",
        type=count,
        metavar="EPOCHS",
        help="before, fine-tune the run's best model for so many epochs while it rounds as INT8 "
        "does, by the run's recipe with a smaller learning rate; the run is not changed, and "
        "what is learned is kept beside FILE.tflite where that file is refused (not of tfmot)",
    )
    learning_on.add_arguments(parser, "what --qat fine-tunes by")
    parser.add_argument(
        "--qat-engine",
        choices=("edgedet", "tfmot"),
        default=QAT_ENGINE,
        help="who rounds in --qat: this package or tensorflow-model-optimization, which is the "
        "extra `tfmot` (default: %(default)s)",
    )
    parser.add_argument(
        "--qat-rate",
        type=share,
        default=QAT_RATE,
        metavar="SHARE",
        help="learning rate of --qat, as a share of the recipe's (default: %(default)s)",
    )


def _add_contents(parser):
    """Add what the file carries beside the network, and in what other forms it is written."""
    parser.add_argument(
        "--c-header",
        type=path,
        metavar="FILE.h",
        help="write the INT8 model as a C header for microcontrollers, too",
    )
    parser.add_argument(
        "--part",
        action="append",
        type=path,
        default=[],
        metavar="NAME.npz",
        help="put learned weights that run beside the network into the file: a `predictor` of "
        "tools/train_predictor.py, a `memory` of tools/train_memory.py; may be repeated",
    )
    parser.add_argument(
        "--box-voting",
        action=argparse.BooleanOptionalAction,
        help="let the device report the mean of boxes that stand for one object, not the surest "
        "of them (default: as the model was made)",
    )


def run(args):
    from edgedet.cli.loading import start_tensorflow

    _check(args)
    start_tensorflow()
    from edgedet.parts import append_part, load_part
    from edgedet.training import load_trained

    parts = {file.stem: load_part(file) for file in args.part}
    model, recipe = load_trained(args.model)
    folders = recipe.data if recipe else ()
    datasets = _open(
        args.data or folders, must_exist=bool(args.data) or args.precision.startswith("int")
    )
    # A file does not say what it learned from; the user, who names training data, does.
    learned = folders or args.data or ()
    trained_on = ", ".join(Path(folder).stem for folder in learned)
    voting = {} if args.box_voting is None else {"box_voting": args.box_voting}
    manifest = model.manifest(trained_on=trained_on, **voting)
    reference = model if args.qat else None
    if args.qat:
        model = _fine_tuned(model, recipe, args)
    _print(_export(model, args, datasets, manifest, reference))
    for name, weights in parts.items():
        append_part(args.file, name, weights)
    if args.c_header:
        from edgedet.export.c_header import write_c_header

        write_c_header(args.file, args.c_header)
    return 0


def _check(args):
    from edgedet.errors import UsageError
    from edgedet.files import require_writable_file

    if args.file.suffix != ".tflite":
        raise UsageError(f"{args.file}: expected a name that ends in .tflite.\nChange the name.")
    for file in filter(None, (args.file, args.c_header)):
        require_writable_file(file)
    _check_parts(args)
    if args.qat is None and (args.qat_engine, args.qat_rate) != (QAT_ENGINE, QAT_RATE):
        raise UsageError("--qat-engine and --qat-rate say how --qat learns: add --qat EPOCHS.")
    if args.recipe and not args.qat:
        raise UsageError("--recipe says what --qat fine-tunes by: give both or neither.")
    if (args.qat or args.c_header) and args.precision != "int8":
        raise UsageError(f"--qat and --c-header make INT8, which --{args.precision} is not.")


def _check_parts(args):
    """Refuse parts that no detector reads, and two of one name, before hours are spent."""
    from edgedet.errors import UsageError
    from edgedet.runtime.sparse.prediction import PART
    from edgedet.runtime.tracking.stream import MEMORY

    names = [file.stem for file in args.part]
    for file in args.part:
        if file.stem not in (MEMORY, PART):
            raise UsageError(
                f"--part {file}: expected a file named {MEMORY} or {PART}.npz, which says what "
                "it is.\nRename it."
            )
        if names.count(file.stem) > 1:
            raise UsageError(f"--part {file}: expected one {file.stem}, found more.\nKeep one.")


def _fine_tuned(model, recipe, args):
    """Return the model, fine-tuned by the recipe of its run, or by the one that is named."""
    from edgedet.training.fine_tuning import fine_tune

    recipe = learning_on.recipe_of(args, model, recipe)
    return fine_tune(model, recipe, args.qat, args.qat_engine, args.qat_rate)


def _export(model, args, datasets, manifest, reference):
    """Write the file; what hours of --qat have learned is kept where that fails."""
    from edgedet.errors import ExportError
    from edgedet.export import export
    from edgedet.files import replacing

    kept = args.file.with_suffix(".qat.keras")
    # What tfmot makes is no network of Keras 3 and cannot be saved.
    keeps = args.qat and args.qat_engine == QAT_ENGINE
    if keeps:
        with replacing(kept) as temporary:
            model.save(temporary)
    try:
        exported = export(
            model, args.file, args.precision, datasets, manifest=manifest, reference=reference
        )
    except ExportError as error:
        if not keeps:
            raise
        raise ExportError(
            f"{error}\nWhat --qat has learned is kept: {kept}. Export that with --data; its file "
            "is compared with it alone, not with the model from before."
        ) from error
    if keeps:
        kept.unlink()
    return exported


def _open(folders, must_exist):
    """Return the training part of each folder; a missing one may not matter."""
    import logging

    from edgedet.data.layouts import open_dataset
    from edgedet.errors import DataError

    try:
        return [open_dataset(folder, "train") for folder in folders]
    except DataError as error:
        if must_exist:
            raise DataError(f"{error}\nOr name other training data with --data.") from error
        logging.getLogger(__name__).warning("comparing without images: %s", error)
        return []


def _print(exported):
    manifest, parity = exported.manifest, exported.parity
    print(
        f"{exported.path}: {manifest.model} {manifest.precision}, {exported.file_bytes:,} bytes "
        f"({exported.converted_bytes:,} before slimming)"
    )
    print(f"largest difference of a raw output: {parity.max_error:.2g}")
    if parity.ap50_network is not None:
        print(f"AP50 on training images: {parity.ap50_file:.3f}, Keras {parity.ap50_network:.3f}")
        print(f"detections found again: {parity.partnered} of {parity.detections}")
