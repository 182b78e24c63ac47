"""Annotated pictures of what was detected, in a folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from edgedet.detections import Detections, Tracks
from edgedet.files import write_bytes
from edgedet.images import encode_jpeg
from edgedet.runtime.activity import Activity
from edgedet.runtime.drawing.activity import draw_activity
from edgedet.runtime.drawing.animation import Animation
from edgedet.runtime.drawing.detections import draw
from edgedet.runtime.drawing.heat_map import heat_map, with_temperatures
from edgedet.runtime.drawing.trails import Trails
from edgedet.thermal import Normalization

# A frame whose longer side is below the first is drawn at a multiple of its size, so that the
# longer side has up to the second: of 32 x 24 pixels a label would hide half.
SMALL, ENLARGED = 160, 320


class Pictures:
    """Writes one annotated image per frame, and of each tracked stream a GIF.

    Args:
        folder: Where they go; it is made.
        class_names: Name of each label.
        thermal: How the detector sees thermal frames, which are drawn as heat maps; `None` for
            ordinary images.

    Raises:
        OutputError: The folder cannot be written.
    """

    def __init__(self, folder: Path, class_names, thermal: Normalization | None = None):
        self._folder, self._class_names, self._thermal = folder, class_names, thermal
        self._taken: set[str] = set()
        # Fail now, not after the first image, where the folder cannot be written.
        probe = folder / ".edgedet"
        write_bytes(probe, b"")
        probe.unlink()
        self._begin_stream()

    def add(
        self, name: str, frame: np.ndarray, found: Detections, activity: Activity | None = None
    ) -> None:
        """Write one frame with what was found in it.

        Args:
            name: What the frame is called.
            frame: Its pixels, uint8 `[H, W, 3]`; of a thermal frame its counts.
            found: `Detections`, or `Tracks`, which get trails and are animated.
            activity: What was computed of it, to be shown too.
        """
        image = frame if self._thermal is None else heat_map(frame, self._thermal)
        image, found = _enlarged(image, found)
        if activity is not None:
            image = draw_activity(image, activity)
        if isinstance(found, Tracks):
            self._trails.add(found)
            image = self._trails.draw(image, found)
        drawn = draw(image, found, self._class_names)
        if isinstance(found, Tracks):
            self._animation.add(drawn)
        if self._thermal is not None:
            drawn = with_temperatures(drawn, frame, self._thermal)
        write_bytes(self._folder / f"{self._free(name)}.jpg", encode_jpeg(drawn))

    def end_stream(self, name: str) -> None:
        """Write the GIF of the frames that came until now, if they were tracked.

        Args:
            name: What their source is called.
        """
        self._animation.write(self._folder / f"{self._free(name)}.gif")
        self._begin_stream()

    def _begin_stream(self):
        self._trails, self._animation = Trails(), Animation()

    def _free(self, name):
        """Return a new file name; never the source's own, nor that of another folder's image."""
        free, number = f"{name}-detected", 1
        while free in self._taken:
            number += 1
            free = f"{name}-detected-{number}"
        self._taken.add(free)
        return free


def _enlarged(image, found):
    longer = max(image.shape[:2])
    if longer >= SMALL:
        return image, found
    times = ENLARGED // longer
    large = image.repeat(times, axis=0).repeat(times, axis=1)
    return large, dataclasses.replace(found, boxes=times * found.boxes)
