"""`edgedet budget`: measure model files against what their boards allow."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from edgedet.cli.arguments import path

HELP = "Measure model files against their budgets."

# The keys of a model in the JSON, all of them fields of `Footprint`.
KEYS = ("model", "parameters", "float_bytes", "int8_bytes", "arena_bytes", "macs")
# Further keys, which the table tells in sentences.
OPERATOR_KEYS = ("integer_only", "unsupported")
EXPORTS = "exports"


def add_arguments(parser):
    parser.add_argument(
        "files",
        nargs="*",
        type=path,
        metavar="FILE",
        help="a .tflite; without any, all of exports/",
    )
    parser.add_argument(
        "--presets",
        action="store_true",
        help="build, export and measure every preset with random weights "
        "(needs the training install)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    from edgedet.runtime.measure.footprint import footprints

    found = [] if args.presets and not args.files else footprints(args.files or _shipped())
    if args.presets:
        found += _presets()
    if args.json:
        print(json.dumps(_as_json(found)))
    else:
        _print_table(found)
    return 1 if any(footprint.broken for footprint in found) else 0


def _shipped() -> list[Path]:
    """Return the files of exports/, here or beside the package."""
    import edgedet
    from edgedet.errors import SourceError

    folders = [Path.cwd() / EXPORTS, Path(edgedet.__file__).parent.parent / EXPORTS]
    for folder in folders:
        files = sorted(folder.glob("*.tflite"))
        if files:
            return files
    raise SourceError(
        f"Expected .tflite files in {' or '.join(map(str, dict.fromkeys(folders)))}, found none.\n"
        "Name the files, or run the command where exports/ is."
    )


def _presets():
    from edgedet.cli.loading import start_tensorflow
    from edgedet.errors import MissingExtraError
    from edgedet.runtime.measure.footprint import footprints

    try:
        start_tensorflow()
        from edgedet.export.presets import export_presets
    except ImportError as error:
        raise MissingExtraError(
            f"--presets builds models, which needs the training install ({error}).\n"
            "pip install 'edgedet[train]'"
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        return footprints(export_presets(Path(folder)))


def _as_json(found):
    models = [
        {
            **{key: getattr(footprint, key) for key in (*KEYS, *OPERATOR_KEYS)},
            "ok": not footprint.broken,
        }
        for footprint in found
    ]
    return {"models": models, "ok": all(model["ok"] for model in models)}


def _print_table(found):
    rows = [(*(key.replace("_", " ") for key in KEYS), "")]
    for footprint in found:
        values = (getattr(footprint, key) for key in KEYS[1:])
        numbers = ("-" if value is None else f"{value:,}" for value in values)
        rows.append((footprint.model, *numbers, "; ".join(footprint.broken) or "ok"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers, verdict in rows:
        cells = (text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True))
        print("  ".join((name.ljust(widths[0]), *cells, verdict)).rstrip())
    for footprint in found:
        for sentence in _operators(footprint):
            print(f"{footprint.model}: {sentence}")


def _operators(footprint):
    """Yield what is unusual about the operators of the INT8 file."""
    if footprint.integer_only is False:
        yield "the INT8 file computes in floats, too"
    for board, missing in footprint.unsupported.items():
        if missing:
            yield f"{board.replace('_', ' ')}s lack {', '.join(missing)}"
