"""A camera: its newest frame whenever one is asked for, never an old one from a queue."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager

from edgedet.runtime.sources.video import Picture, decoded, opened

# Platform -> FFmpeg's input format and what it calls camera N.
DEVICES = {
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
    "win32": ("vfwcap", "{}"),
}
# Seconds to wait for a reader to notice that it is to end.
PATIENCE = 2.0


class Camera:
    """The newest frames of a camera; those that come while one is worked on are dropped.

    A frame's number counts the dropped ones too, so a gap in the numbers is time that passed.

    Args:
        number: As the system counts its cameras, from 0.

    Raises:
        SourceError: There is no such camera, or another program has it.
        MissingExtraError: PyAV is not installed.
    """

    first, count, live = 0, None, True

    def __init__(self, number: int):
        self._number = number
        self.name = f"camera-{number}"
        with self._device():
            pass

    def __iter__(self) -> Iterator[Picture]:
        return newest(self._pictures)

    def _pictures(self):
        # The thread that reads opens and closes: nobody else may while it decodes.
        with self._device() as container:
            for number, pixels in enumerate(decoded(container, self._shown())):
                yield Picture(str(self._number), f"{self.name}-{number:06d}", number, pixels)

    def _device(self) -> AbstractContextManager:
        kind, place = DEVICES.get(sys.platform, DEVICES["linux"])
        return opened(place.format(self._number), self._shown(), format=kind)

    def _shown(self):
        return f"camera {self._number}"


def newest(pictures: Callable[[], Generator[Picture]]) -> Iterator[Picture]:
    """Give the newest picture each time one is asked for, and wait where there is no new one.

    Args:
        pictures: Opens the stream, and closes it when the generator is closed; it is read in a
            thread of its own, as fast as it comes.
    """
    reader = _Reader(pictures)
    try:
        while (latest := reader.take()) is not None:
            yield latest
    finally:
        reader.stop()


class _Reader:
    """Reads a stream in a thread and keeps the last picture."""

    def __init__(self, pictures):
        self._pictures = pictures
        self._changed = threading.Condition()
        self._latest = None
        self._ended = False
        self._error = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def take(self):
        """Return the newest picture that was not taken yet; `None` after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._latest is not None or self._ended)
            latest, self._latest = self._latest, None
        if latest is None and self._error is not None:
            raise self._error
        return latest

    def stop(self):
        with self._changed:
            self._ended = True
        self._thread.join(PATIENCE)

    def _read(self):
        try:
            with contextlib.closing(self._pictures()) as pictures:
                for picture in pictures:
                    with self._changed:
                        if self._ended:
                            return
                        self._latest = picture
                        self._changed.notify()
        except Exception as error:  # Raised again in the thread that takes.
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()
