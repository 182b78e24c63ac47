"""The device side: frames in, detections out; NumPy, Pillow and one interpreter."""

from edgedet.runtime.detector import EdgeDetector
from edgedet.runtime.tracking import Tracker

__all__ = ["EdgeDetector", "Tracker"]
