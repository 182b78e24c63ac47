"""Backoff: where looking does not pay, frames are computed whole, and looked at ever less often.

Each failure doubles the wait until the next attempt, up to a limit, as on a busy cable (Metcalfe
and Boggs 1976, Ethernet, https://doi.org/10.1145/360248.360253).
"""

from __future__ import annotations

# The usual cost of frames before any is known, and what part of it a frame teaches. A second of
# large motion in front of a camera that stands is no reason to give up; tuned on simulated films.
START, LEARNING = 0.5, 1 / 8
# Frames of the shortest wait and of the longest: a second of a camera.
SHORTEST, LONGEST = 8, 32


class Backoff:
    """When the frames of one stream are looked at, and when they are just computed.

    Attributes:
        resting: Nothing that is computed of the present frame need be remembered.
        renewing: The present frame, after a rest, must be computed as a whole, and remembered.
    """

    def __init__(self):
        self._usual, self._wait, self._next = START, 0, SHORTEST
        self.resting = self.renewing = False

    def rests(self) -> bool:
        """Return whether the next frame is not looked at."""
        # Before frames are compared again, there must be one to compare with.
        self.renewing = self.resting and not self._wait
        self.resting = self._wait > 0
        self._wait -= self.resting
        return self.resting

    def saw(self, share: float) -> None:
        """Take note of a frame that was looked at.

        Args:
            share: What it costs, of one that is not looked at.
        """
        if self.renewing:
            return
        self._usual += LEARNING * (share - self._usual)
        if self._usual < 1:
            self._next = max(self._next // 2, SHORTEST)
        else:
            self._wait, self.resting = self._next, True
            self._next = min(self._next * 2, LONGEST)
