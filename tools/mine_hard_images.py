"""The training images on which a trained detector sees what is not there, to learn from again.

    python tools/mine_hard_images.py FILE.tflite --data DIR --out hard.json [--min-score 0.25]

Writes the train images of the data with a false alarm of at least that score, and their objects, as
a COCO JSON that `edgedet train` takes as one more --data: they are then shown twice as often, or
more often where --data names the file more than once. After Felzenszwalb et al. 2010, "Object
Detection with Discriminatively Trained Part-Based Models", section 4.4.
"""

import argparse
import json
from pathlib import Path

from edgedet.data.layouts import open_dataset
from edgedet.evaluation.class_map import meet
from edgedet.evaluation.mistakes import worst
from edgedet.evaluation.results import detect_all
from edgedet.files import replacing
from edgedet.runtime import EdgeDetector


def main():
    """Detect, collect, write."""
    args = parse()
    detect = EdgeDetector.load(args.model, min_score=args.min_score)
    names = detect.manifest.class_names
    content = {"images": [], "annotations": []}
    content["categories"] = [{"id": label, "name": name} for label, name in enumerate(names)]
    for source in args.data:
        dataset = open_dataset(source, "train")
        classes = meet(names, dataset.class_names)
        results = detect_all(detect, dataset, classes, thermal=detect.manifest.thermal)
        hard = [each.index for each in worst(results, 0, len(results)) if each.false_alarms]
        print(f"{source}: {len(hard)} of {len(results)} images", flush=True)
        for index in hard:
            add(content, results.records[index], results.sizes[index])
    with replacing(args.out) as temporary:
        temporary.write_text(json.dumps(content))


def parse():
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="a .tflite")
    parser.add_argument("--data", type=Path, action="append", required=True, help="may repeat")
    parser.add_argument("--out", type=Path, required=True, help="the JSON to write")
    parser.add_argument("--min-score", type=float, default=0.25, help="of a false alarm")
    return parser.parse_args()


def add(content, record, size):
    """Add an image and its objects to the content of a COCO JSON."""
    number = len(content["images"]) + 1
    place = {"file_name": str(record.image.resolve()), "height": size[0], "width": size[1]}
    content["images"].append({"id": number, **place})
    scores = [1.0] * len(record.boxes) if record.scores is None else record.scores
    columns = (record.boxes, record.labels, record.ignored, scores)
    for box, label, ignored, score in zip(*columns, strict=True):
        left, top, right, bottom = map(float, box)
        entry = {
            "id": len(content["annotations"]) + 1,
            "image_id": number,
            "category_id": int(label),
            "bbox": [left, top, right - left, bottom - top],
            "area": (right - left) * (bottom - top),
            "iscrowd": int(ignored),
            "score": float(score),
        }
        content["annotations"].append(entry)


if __name__ == "__main__":
    main()
