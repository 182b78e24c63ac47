"""Detections of one frame after another become tracks: who is who, where, and how sure."""

from edgedet.runtime.tracking.stream import TrackedStream
from edgedet.runtime.tracking.tracker import Tracker

__all__ = ["TrackedStream", "Tracker"]
