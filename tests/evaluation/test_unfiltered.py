import dataclasses

import numpy as np

from edgedet.evaluation import unfiltered
from edgedet.evaluation.unfiltered import MAX_DETECTIONS, MIN_SCORE
from edgedet.manifest import Level, Manifest


def test_the_doubtful_are_reported_too_and_the_manifest_has_no_say():
    manifest = Manifest("tiny", (80, 80), ("a",), (Level.of_stride(4),), min_score=0.9)
    manifest = dataclasses.replace(manifest, max_detections=1, iou_threshold=0.7)
    # 20 x 20 points of .012, apart from one row of .008.
    scores = np.full((1, 20, 20, 1), 0.012)
    scores[:, 0] = 0.008
    logits = np.log(scores / (1 - scores)).astype("float32")
    raw = {"p2_class_logits": logits, "p2_box_raw": np.full((1, 20, 20, 4), -2, "float32")}

    detect = unfiltered(lambda images: raw, manifest)

    assert (detect.min_score, detect.max_detections) == (MIN_SCORE, MAX_DETECTIONS)
    assert (detect.iou_threshold, detect.manifest) == (0.7, manifest)
    found = detect(np.zeros((80, 80, 3), "uint8"))
    assert len(found) == MAX_DETECTIONS
    assert found.scores.min() > 0.011
