"""`edgedet export`: a trained run becomes one .tflite for the device."""

from __future__ import annotations

from pathlib import Path

HELP = "Write a trained model as one .tflite with its manifest."


def add_arguments(parser):
    parser.add_argument("model", type=Path, metavar="RUN", help="a run folder or a .keras file")
    parser.add_argument("file", type=Path, metavar="FILE.tflite", help="the file to write")
    precision = parser.add_mutually_exclusive_group()
    for name, text in (
        ("float", "32-bit weights and arithmetic"),
        ("float16", "16-bit weights, 32-bit arithmetic"),
        ("int8", "8-bit integers throughout (the default)"),
    ):
        precision.add_argument(
            f"--{name}", dest="precision", action="store_const", const=name, help=text
        )
    parser.add_argument(
        "--data",
        action="append",
        type=Path,
        metavar="DIR",
        help="take calibration and comparison images from the training part of DIR, not of the "
        "run's own data; may be repeated",
    )
    parser.set_defaults(precision="int8")


def run(args):
    from edgedet.cli.loading import load_trained, start_tensorflow
    from edgedet.errors import OutputError

    if args.file.suffix != ".tflite":
        raise OutputError(f"{args.file}: expected a name that ends in .tflite.\nChange the name.")
    start_tensorflow()
    from edgedet.export import export

    model, folders = load_trained(args.model)
    datasets = _open(args.data or folders, must_exist=bool(args.data) or args.precision == "int8")
    trained_on = ", ".join(Path(folder).name for folder in folders)
    manifest = model.manifest(trained_on=trained_on)
    _print(export(model, args.file, args.precision, datasets, manifest=manifest))
    return 0


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
