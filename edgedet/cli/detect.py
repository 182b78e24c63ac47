"""`edgedet detect`: find objects in images, and follow them through videos."""

import contextlib
import logging

from edgedet.cli.arguments import frame_size, kelvin, nonempty, path, share, threads

HELP = "Find objects in images, folders, videos and cameras, and follow them."

log = logging.getLogger(__name__)


def add_arguments(parser):
    parser.add_argument("model", type=path, help="a .tflite file written by `edgedet export`")
    parser.add_argument(
        "sources",
        type=nonempty,
        metavar="SOURCE",
        nargs="+",
        help="an image, a folder of images, a MOT sequence folder (with img1/), a video file "
        "or the number of a camera",
    )
    parser.add_argument(
        "--min-score",
        type=share,
        help="report nothing below it; with --track, begin no track below it (default: the "
        "model's own)",
    )
    parser.add_argument(
        "--threads", type=threads, default=1, help="CPU threads (default: %(default)s)"
    )
    parser.add_argument(
        "--track", action="store_true", help="each source is one stream: follow its objects"
    )
    parser.add_argument(
        "--dense", action="store_true", help="with --track: compute every frame in full"
    )
    parser.add_argument("--save", type=path, metavar="DIR", help="write annotated images there")
    parser.add_argument(
        "--mot", type=path, metavar="FILE", help="with --track: write the tracks of one source"
    )
    parser.add_argument(
        "--raw",
        type=frame_size,
        metavar="WxH",
        help="of .raw files: the size of their frames, little-endian, 8 or 16 bits a band",
    )
    parser.add_argument(
        "--kelvin",
        type=kelvin,
        metavar="STEP[,ZERO]",
        help="of a radiometric camera: kelvin of one count, and of count 0 (usually 0); drawn "
        "frames get a bar of temperatures, detections stay the same",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per image")


def run(args):
    from edgedet.cli.answers import Answers
    from edgedet.cli.main import INTERRUPTED
    from edgedet.runtime.detector import EdgeDetector
    from edgedet.runtime.sources import open_source
    from edgedet.runtime.sources.frame_files import FrameFiles

    _refuse_contradictions(args)
    _check_outputs(args)
    detect = EdgeDetector.load(args.model, threads=args.threads, min_score=args.min_score)
    manifest = detect.manifest
    _require_no_limits(args, manifest.thermal)
    files = FrameFiles(manifest.thermal, manifest.bands, args.raw)
    # All sources first: a misspelled one should not show after an hour.
    sources = [open_source(source, files) for source in args.sources]
    if args.track and not args.dense and not manifest.stages:
        log.info("%s has no stages: every frame is computed in full, as with --dense.", args.model)
    with contextlib.ExitStack() as stack:
        answers = Answers(args, detect, stack)
        try:
            for source in sources:
                answers.give(source, alone=[source.count for source in sources] == [1])
        except KeyboardInterrupt:
            # The usual end of a camera: what was seen until now is kept.
            answers.end_stream()
            return INTERRUPTED
    return answers.status()


def _require_no_limits(args, thermal):
    """Refuse temperatures where there are none, or where the model has its own."""
    from edgedet.errors import UsageError

    if args.kelvin and (thermal is None or thermal.range is not None):
        found = "ordinary images" if thermal is None else "limits of its own"
        raise UsageError(
            f"--kelvin: expected a thermal model that finds its limits in each frame, found one "
            f"of {found}.\nLeave it out."
        )


def _check_outputs(args):
    """Say of a path that cannot be written before the first frame, not after the last."""
    from edgedet.files import require_writable, require_writable_file

    if args.save:
        require_writable(args.save)
    if args.mot:
        require_writable_file(args.mot)


def _refuse_contradictions(args):
    from edgedet.errors import UsageError

    for name in ("dense", "mot"):
        if getattr(args, name) and not args.track:
            raise UsageError(f"--{name}: expected --track beside it, found none.\nAdd --track.")
    if args.kelvin and not args.save:
        raise UsageError("--kelvin: expected --save beside it, found none.\nAdd --save DIR.")
    if args.mot and len(args.sources) > 1:
        raise UsageError(
            f"--mot {args.mot}: expected one source, found {len(args.sources)}; a file of tracks "
            "is about one.\nCall `edgedet detect` once for each source."
        )
