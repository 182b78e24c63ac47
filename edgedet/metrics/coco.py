"""COCO's average precision, by pycocotools itself.

Lin et al. 2014, https://arxiv.org/abs/1405.0312
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgedet.errors import MissingExtraError
from edgedet.geometry.boxes import xyxy_to_xywh
from edgedet.metrics.ground_truth import GroundTruth
from edgedet.metrics.names import COCO

# The twelve numbers in pycocotools' order: AP over overlaps .50 to .95, at .50, at .75, by the
# size of the object (below 32, 32 to 96, above 96 pixels squared); then recall with at most 1, 10
# and 100 detections per image and class, and by size.
NUMBERS = (
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
)


def coco_metrics(
    detections, ground_truths, num_classes: int, class_names: Sequence[str] | None = None
) -> dict:
    """Return COCO's numbers for detections and ground truths in memory.

    Args:
        detections: One `Detections` per image, in any order of score.
        ground_truths: One per image: `boxes`, `labels` and optionally `ignored`, which become
            crowd regions, and `areas` (square pixels; the boxes' own without).
        num_classes: Number of labels.
        class_names: Name of each label; the number of the label, as text, without.

    Returns:
        `ap`, `ap50`, `ap75`, `ap_small`, `ap_medium`, `ap_large`, `ar100`, `images` and
        `per_class` (name -> AP at overlap .5). `None` is a number that the data cannot give.

    Raises:
        MissingExtraError: pycocotools is not installed.
    """
    names = [str(label) for label in range(num_classes)] if class_names is None else class_names
    truths = [GroundTruth.of(truth) for truth in ground_truths]
    dataset = {
        "images": [{"id": image_id} for image_id in range(len(truths))],
        "categories": [
            {"id": label + 1, "name": name} for label, name in enumerate(names[:num_classes])
        ],
        "annotations": [a for i, truth in enumerate(truths) for a in _annotations(i, truth)],
    }
    results = [r for i, found in enumerate(detections) for r in _results(i, found)]
    evaluator = _evaluate(dataset, results)
    numbers = _numbers(evaluator)
    return {
        **{name: numbers[name] for name in COCO},
        "images": len(truths),
        "per_class": dict(zip(names, _ap50_per_class(evaluator), strict=True)),
    }


def coco_summary(ground_truth: Path | dict, results: Path | list[dict]) -> dict:
    """Return COCO's twelve numbers, by name and in pycocotools' order.

    Args:
        ground_truth: An annotation file, or its content.
        results: A result file (`image_id`, `category_id`, `bbox` xywh, `score`), or its content.

    Returns:
        `NUMBERS` -> value in [0, 1], or `None` where the data has nothing to measure.
    """
    dataset, found = _content(ground_truth), _content(results)
    return _numbers(_evaluate(dataset, found))


def _evaluate(dataset, results):
    coco, cocoeval = _pycocotools()
    # pycocotools reports its progress and its table on stdout, which belongs to our results.
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = cocoeval.COCOeval(
            _index(coco, dataset),
            _index(coco, {**dataset, "annotations": _numbered(results)}),
            "bbox",
        )
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return evaluator


def _index(coco, dataset):
    index = coco.COCO()
    index.dataset = dataset
    index.createIndex()
    return index


def _numbered(results):
    """Return results as annotations; pycocotools takes an id of 0 for "not matched"."""
    return [
        {**result, "id": number, "area": result["bbox"][2] * result["bbox"][3], "iscrowd": 0}
        for number, result in enumerate(results, start=1)
    ]


def _annotations(image_id, truth):
    boxes_xywh = xyxy_to_xywh(truth.boxes).tolist()
    for index, (label, ignored) in enumerate(zip(truth.labels, truth.ignored, strict=True)):
        yield {
            "id": (image_id + 1) * 1_000_000 + index,
            "image_id": image_id,
            "category_id": int(label) + 1,
            "bbox": boxes_xywh[index],
            "area": float(truth.areas[index]),
            "iscrowd": int(ignored),
        }


def _results(image_id, found):
    boxes_xywh = xyxy_to_xywh(np.asarray(found.boxes, "float64")).tolist()
    for box, score, label in zip(boxes_xywh, found.scores, found.labels, strict=True):
        yield {
            "image_id": image_id,
            "category_id": int(label) + 1,
            "bbox": box,
            "score": float(score),
        }


def _numbers(evaluator):
    return {
        name: _known(value) for name, value in zip(NUMBERS, evaluator.stats.tolist(), strict=True)
    }


def _ap50_per_class(evaluator):
    # [overlaps, recalls, classes, sizes, most detections]: overlap .5, any size, 100 detections.
    precision = evaluator.eval["precision"][0, :, :, 0, -1]
    return [_known(float(values.mean())) for values in precision.T]


def _known(value):
    """Return `None` for pycocotools' -1, which says that there was nothing to measure."""
    return None if value < 0 else value


def _content(source):
    return source if isinstance(source, (dict, list)) else json.loads(Path(source).read_text())


def _pycocotools():
    try:
        from pycocotools import coco, cocoeval
    except ImportError as error:
        raise MissingExtraError(
            "COCO's average precision needs pycocotools, which is not installed.\n"
            'Install the training side: pip install "edgedet[train]"'
        ) from error
    return coco, cocoeval
