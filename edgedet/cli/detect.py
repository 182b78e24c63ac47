"""`edgedet detect`: find objects in images."""

import argparse
import json
import logging
from pathlib import Path

HELP = "Find objects in images and folders of images."

log = logging.getLogger(__name__)


def add_arguments(parser):
    parser.add_argument("model", type=Path, help="a .tflite file written by `edgedet export`")
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="an image, a folder of images or a MOT sequence folder (with img1/)",
    )
    parser.add_argument(
        "--min-score", type=share, help="report nothing below it (default: the model's own)"
    )
    parser.add_argument(
        "--threads", type=count, default=1, help="CPU threads (default: %(default)s)"
    )
    parser.add_argument("--save", type=Path, metavar="DIR", help="write annotated images there")
    parser.add_argument("--json", action="store_true", help="print one JSON object per image")


def run(args):
    from edgedet.errors import ImageError
    from edgedet.images import read
    from edgedet.runtime.detector import EdgeDetector
    from edgedet.runtime.sources import stills

    # All sources first: a misspelled one should not show after an hour.
    images = [still for source in args.sources for still in stills(source)]
    detect = EdgeDetector.load(args.model, threads=args.threads, min_score=args.min_score)
    save = _saver(args.save, detect.manifest.class_names)
    skipped = 0
    for still in images:
        try:
            frame, _ = read(still.path)
            detections, milliseconds = detect.timed(frame)
        except ImageError as error:
            if len(images) == 1:
                raise
            log.warning("skipped: %s", error)
            skipped += 1
            continue
        facts = _facts(still, frame, detections, milliseconds, detect.manifest.class_names)
        print(json.dumps(facts) if args.json else _text(facts), flush=True)
        save(still, frame, detections)
    if skipped:
        log.warning("%d of %d images could not be read and were skipped.", skipped, len(images))
    return 1 if skipped == len(images) else 0


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


def _facts(still, frame, detections, milliseconds, class_names):
    return {
        "source": str(still.path),
        "frame": still.frame,
        "width": frame.shape[1],
        "height": frame.shape[0],
        "detections": [
            _detection(detections, index, class_names) for index in range(len(detections))
        ],
        "ms": {stage: round(value, 3) for stage, value in milliseconds.items()},
        # A still image is computed whole.
        "compute": 1.0,
    }


def _detection(detections, index, class_names):
    label = int(detections.labels[index])
    facts = {
        "box": [round(float(side), 2) for side in detections.boxes[index]],
        "score": round(float(detections.scores[index]), 4),
        "label": label,
        "name": class_names[label],
    }
    if detections.box_std is not None:
        facts["box_std"] = [round(float(side), 2) for side in detections.box_std[index]]
    return facts


def _text(facts):
    found = facts["detections"]
    head = f"{facts['source']}: {len(found)} found in {facts['ms']['total']:.1f} ms"
    lines = [
        f"  {one['score']:.2f}  {one['name']:12s} " + " ".join(f"{x:8.1f}" for x in one["box"])
        for one in found
    ]
    return "\n".join([head, *lines])


def _saver(folder, class_names):
    """Return the function that writes an annotated image into `folder`, if there is one."""
    if folder is None:
        return lambda still, frame, detections: None
    from edgedet.files import write_bytes
    from edgedet.images import encode_jpeg
    from edgedet.runtime.drawing import draw

    # Fail now, not after the first image, where the folder cannot be written.
    probe = folder / ".edgedet"
    write_bytes(probe, b"")
    probe.unlink()
    taken = set()

    def save(still, frame, detections):
        path = _free_name(folder, still.path, taken)
        write_bytes(path, encode_jpeg(draw(frame, detections, class_names)))

    return save


def _free_name(folder, source, taken):
    """Return a new file name; never the source's own, nor that of another folder's image."""
    name, number = f"{source.stem}-detected", 1
    while name in taken:
        number += 1
        name = f"{source.stem}-detected-{number}"
    taken.add(name)
    return folder / f"{name}.jpg"
