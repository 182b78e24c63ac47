"""How good detections are; free of TensorFlow, and of pycocotools and SciPy until they are used."""

from edgedet.metrics.coco import coco_metrics, coco_summary
from edgedet.metrics.points import point_metrics
from edgedet.metrics.precision_recall import (
    average_precision,
    mean_average_precision,
    precision_recall,
)

__all__ = [
    "average_precision",
    "coco_metrics",
    "coco_summary",
    "mean_average_precision",
    "point_metrics",
    "precision_recall",
]
