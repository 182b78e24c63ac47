"""The device side: frames in, detections out; NumPy, Pillow and one interpreter."""

from edgedet.runtime.detector import EdgeDetector

__all__ = ["EdgeDetector"]
