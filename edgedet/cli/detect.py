"""`edgedet detect`: find objects in images, and follow them through videos."""

import argparse
import contextlib
import json
import logging
import time
from pathlib import Path

HELP = "Find objects in images, folders, videos and cameras, and follow them."

log = logging.getLogger(__name__)


def add_arguments(parser):
    parser.add_argument("model", type=Path, help="a .tflite file written by `edgedet export`")
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="an image, a folder of images, a MOT sequence folder (with img1/), a video file "
        "or the number of a camera",
    )
    parser.add_argument(
        "--min-score", type=share, help="report nothing below it (default: the model's own)"
    )
    parser.add_argument(
        "--threads", type=count, default=1, help="CPU threads (default: %(default)s)"
    )
    parser.add_argument(
        "--track", action="store_true", help="each source is one stream: follow its objects"
    )
    parser.add_argument(
        "--dense", action="store_true", help="with --track: compute every frame in full"
    )
    parser.add_argument("--save", type=Path, metavar="DIR", help="write annotated images there")
    parser.add_argument(
        "--mot", type=Path, metavar="FILE", help="with --track: write the tracks of one source"
    )
    parser.add_argument(
        "--raw",
        type=frame_size,
        metavar="WxH",
        help="of .raw files: the size of their frames, little-endian, 8 or 16 bits a band",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per image")


def run(args):
    from edgedet.cli.main import INTERRUPTED
    from edgedet.runtime.detector import EdgeDetector
    from edgedet.runtime.frame_files import FrameFiles
    from edgedet.runtime.sources import open_source

    _refuse_contradictions(args)
    detect = EdgeDetector.load(args.model, threads=args.threads, min_score=args.min_score)
    manifest = detect.manifest
    files = FrameFiles(manifest.thermal, manifest.bands, args.raw)
    # All sources first: a misspelled one should not show after an hour.
    sources = [open_source(source, files) for source in args.sources]
    if args.track and not args.dense and not manifest.stages:
        log.info("%s has no stages: every frame is computed in full, as with --dense.", args.model)
    with contextlib.ExitStack() as stack:
        answers = _Answers(args, detect, stack)
        try:
            for source in sources:
                answers.give(source, alone=[source.count for source in sources] == [1])
        except KeyboardInterrupt:
            # The usual end of a camera: what was seen until now is kept.
            answers.end_stream()
            return INTERRUPTED
    return answers.status()


class _Answers:
    """Prints and writes what is found, frame by frame, and counts what cannot be read."""

    def __init__(self, args, detect, stack):
        from edgedet.runtime.mot_file import mot_file
        from edgedet.runtime.pictures import Pictures

        self._args, self._detect = args, detect
        self._class_names = detect.manifest.class_names
        thermal = detect.manifest.thermal
        self._pictures = Pictures(args.save, self._class_names, thermal) if args.save else None
        self._mot = stack.enter_context(mot_file(args.mot)) if args.mot else None
        self._source = None
        self._seen = self._skipped = 0

    def give(self, source, alone):
        """Answer every frame of a source; the only frame of all must be readable."""
        from edgedet.errors import ImageError

        answer = self._begin(source)
        for frame in source:
            self._seen += 1
            try:
                self._one(frame, *answer(frame))
            except ImageError as error:
                if alone:
                    raise
                log.warning("skipped: %s", error)
                self._skipped += 1
        self.end_stream()

    def _begin(self, source):
        """Return the function that gives a frame's pixels, what is in it, and what that cost."""
        from edgedet.runtime.activity import Activity
        from edgedet.runtime.pace import Pace
        from edgedet.runtime.tracking import TrackedStream

        self._source, self._pace = source, Pace()
        stream = TrackedStream(self._detect, self._args.dense) if self._args.track else None

        def answer(frame):
            pixels = frame.read()
            if stream is None:
                return pixels, *self._detect.timed(pixels), Activity()
            return pixels, *stream.timed(pixels, frame.frame), stream.activity

        return answer

    def _one(self, frame, pixels, found, milliseconds, activity):
        from edgedet.runtime.facts import frame_facts, text_of

        size = pixels.shape[:2]
        facts = frame_facts(frame, size, found, milliseconds, self._class_names, activity.compute)
        print(json.dumps(facts) if self._args.json else text_of(frame, facts), flush=True)
        if self._mot is not None:
            self._mot(frame.frame - self._source.first + 1, found)
        if self._pictures is not None:
            self._pictures.add(frame.name, pixels, found, activity)
        if self._source.live:
            self._pace.add(frame.frame, time.perf_counter() - frame.arrived)

    def end_stream(self):
        """Finish what is written about the present source, if it has begun."""
        if self._source is None:
            return
        if self._pictures is not None:
            self._pictures.end_stream(self._source.name)
        if self._source.live:
            log.info("%s: %s", self._source.name, self._pace)
        self._source = None

    def status(self):
        """Return the exit status: a failure where nothing at all could be read."""
        if self._skipped:
            log.warning(
                "%d of %d images could not be read and were skipped.", self._skipped, self._seen
            )
        return 1 if self._skipped == self._seen else 0


def _refuse_contradictions(args):
    from edgedet.errors import UsageError

    for name in ("dense", "mot"):
        if getattr(args, name) and not args.track:
            raise UsageError(f"--{name}: expected --track beside it, found none.\nAdd --track.")
    if args.mot and len(args.sources) > 1:
        raise UsageError(
            f"--mot {args.mot}: expected one source, found {len(args.sources)}; a file of tracks "
            "is about one.\nCall `edgedet detect` once for each source."
        )


def share(text: str) -> float:
    """Return a number between 0 and 1 from the command line."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected 0 to 1, found {text}")
    return value


def count(text: str) -> int:
    """Return a number of at least 1 from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return value


def frame_size(text: str) -> tuple[int, int]:
    """Return (height, width) from `640x480`, width first as cameras are named."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT as in 640x480, found {text!r}")
    return int(height), int(width)
