"""Whether the device keeps up with a source: frames that were dropped, and the delay."""

from __future__ import annotations


class Pace:
    """Counts the frames of one source as they are worked on."""

    def __init__(self):
        self._frames, self._last, self._delay = 0, -1, 0.0

    def add(self, number: int, delay: float) -> None:
        """Count a frame.

        Args:
            number: Of the frame, from 0, dropped ones counted.
            delay: Seconds from its arrival until its answer was given.
        """
        self._frames += 1
        self._last = number
        self._delay += delay

    def __str__(self) -> str:
        dropped = self._last + 1 - self._frames
        mean = 1e3 * self._delay / max(self._frames, 1)
        return (
            f"{self._frames} frames answered, {dropped} dropped meanwhile, "
            f"{mean:.0f} ms from arrival to answer on average"
        )
