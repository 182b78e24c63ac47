"""Sparse processing: of a video, only what changes is computed; the rest is remembered."""

from edgedet.runtime.sparse.detector import SparseDetector
from edgedet.runtime.sparse.events import Events
from edgedet.runtime.sparse.gate import Gate
from edgedet.runtime.sparse.prediction import Prediction

__all__ = ["Events", "Gate", "Prediction", "SparseDetector"]
