"""How good a detector is on a data set: the numbers, and the pictures that explain them."""

from edgedet.evaluation.complete import evaluate_completely
from edgedet.evaluation.evaluate import Evaluation, evaluate, measure
from edgedet.evaluation.results import Results, detect_all
from edgedet.evaluation.tracking import evaluate_tracking
from edgedet.evaluation.unfiltered import unfiltered
from edgedet.evaluation.wider_face import wider_face_curves, wider_face_metrics

__all__ = [
    "Evaluation",
    "Results",
    "detect_all",
    "evaluate",
    "evaluate_completely",
    "evaluate_tracking",
    "measure",
    "unfiltered",
    "wider_face_curves",
    "wider_face_metrics",
]
