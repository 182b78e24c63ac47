"""The way that each track has come, for people to see."""

from __future__ import annotations

from collections import deque

import numpy as np
from PIL import Image, ImageDraw

from edgedet.detections import TENTATIVE, Tracks
from edgedet.runtime.drawing.ink import colour, line_width

# Frames that a trail is long, and that it is kept without its track.
LENGTH = 30


class Trails:
    """The last centres of each track of one stream."""

    def __init__(self):
        self._centres: dict[int, deque[tuple[float, float]]] = {}
        self._last_seen: dict[int, int] = {}
        self._frame = 0

    def __len__(self) -> int:
        return len(self._centres)

    def add(self, tracks: Tracks) -> None:
        """Remember where the tracks are in the next frame."""
        self._frame += 1
        for box, identity in zip(tracks.boxes, map(int, tracks.track_ids), strict=True):
            trail = self._centres.setdefault(identity, deque(maxlen=LENGTH))
            trail.append((float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2))
            self._last_seen[identity] = self._frame
        for identity, frame in list(self._last_seen.items()):
            if self._frame - frame > LENGTH:
                del self._centres[identity], self._last_seen[identity]

    def draw(self, image: np.ndarray, tracks: Tracks) -> np.ndarray:
        """Return a copy of `image`, uint8 `[H, W, 3]`, with the trails of those tracks."""
        canvas = Image.fromarray(image)
        pencil = ImageDraw.Draw(canvas)
        line = line_width(image)
        for identity in map(int, tracks.track_ids[tracks.states != TENTATIVE]):
            pencil.line(list(self._centres[identity]), fill=colour(identity), width=line)
        return np.asarray(canvas)
