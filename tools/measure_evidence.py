"""Measure how often detections of a score are right, and put it into model files for their tracker.

    python tools/measure_evidence.py --data DIR FILE.tflite ...

On the val part of a data set, which the model did not learn from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from edgedet.data.layouts import open_dataset
from edgedet.evaluation.class_map import meet
from edgedet.evaluation.results import detect_all
from edgedet.manifest import Manifest
from edgedet.metrics.reliability import reliability
from edgedet.parts import append_part
from edgedet.runtime import EdgeDetector
from edgedet.runtime.tracking.stream import EVIDENCE, WEAK_SHARE


def main():
    """Measure each file, and write what came out into it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+", help="model files, .tflite")
    parser.add_argument("--data", type=Path, required=True, help="a data set with still images")
    args = parser.parse_args()
    dataset = open_dataset(args.data, "val")
    for path in args.models:
        manifest = Manifest.read(path)
        # Weak ones too, as the tracker gets them.
        detect = EdgeDetector.load(path, min_score=WEAK_SHARE * manifest.min_score)
        classes = meet(manifest.class_names, dataset.class_names)
        results = detect_all(detect, dataset, classes, thermal=manifest.thermal)
        numbers = reliability(results.detections, results.records)
        print(path, {name: round(value, 3) for name, value in numbers.items()})
        append_part(path, EVIDENCE, {name: np.array(value) for name, value in numbers.items()})


if __name__ == "__main__":
    main()
