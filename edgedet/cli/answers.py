"""What `edgedet detect` answers: lines, pictures and a file of tracks, frame by frame."""

import json
import logging
import time
from dataclasses import replace

from edgedet.errors import ImageError
from edgedet.runtime.activity import Activity
from edgedet.runtime.facts import frame_facts, text_of
from edgedet.runtime.sources.pace import Pace

log = logging.getLogger(__name__)


class Answers:
    """Prints and writes what is found, frame by frame, and counts what cannot be read."""

    def __init__(self, args, detect, stack):
        from edgedet.runtime.drawing.pictures import Pictures
        from edgedet.runtime.mot_file import mot_file

        self._args, self._detect = args, detect
        self._class_names = detect.manifest.class_names
        thermal = detect.manifest.thermal
        if args.kelvin:
            step, zero = args.kelvin
            thermal = replace(thermal, kelvin_per_count=step, kelvin_at_zero=zero)
        self._pictures = Pictures(args.save, self._class_names, thermal) if args.save else None
        self._mot = stack.enter_context(mot_file(args.mot)) if args.mot else None
        self._source = None
        self._seen = self._skipped = 0

    def give(self, source, alone):
        """Answer every frame of a source; the only frame of all must be readable."""
        answer = self._begin(source)
        for frame in source:
            self._seen += 1
            try:
                self._one(frame, *answer(frame))
            except ImageError as error:
                named = _named(error, frame)
                if alone:
                    raise named from error
                log.warning("skipped: %s", named)
                self._skipped += 1
        self.end_stream()

    def _begin(self, source):
        """Return the function that gives a frame's pixels, what is in it, and what that cost."""
        from edgedet.runtime.tracking import TrackedStream

        self._source, self._pace = source, Pace()
        stream = TrackedStream(self._detect, self._args.dense) if self._args.track else None

        def answer(frame):
            pixels = frame.read()
            if stream is None:
                return pixels, *self._detect.timed(pixels), Activity()
            return pixels, *stream.timed(pixels, frame.frame), stream.activity

        return answer

    def _one(self, frame, pixels, found, milliseconds, activity):
        size = pixels.shape[:2]
        facts = frame_facts(frame, size, found, milliseconds, self._class_names, activity.compute)
        print(json.dumps(facts) if self._args.json else text_of(frame, facts), flush=True)
        if self._mot is not None:
            self._mot(frame.frame - self._source.first + 1, found)
        if self._pictures is not None:
            self._pictures.add(frame.name, pixels, found, activity)
        if self._source.live:
            self._pace.add(frame.frame, time.perf_counter() - frame.arrived)

    def end_stream(self):
        """Finish what is written about the present source, if it has begun."""
        if self._source is None:
            return
        if self._pictures is not None:
            self._pictures.end_stream(self._source.name)
        if self._source.live:
            log.info("%s: %s", self._source.name, self._pace)
        self._source = None

    def status(self):
        """Return the exit status: a failure where nothing at all could be read."""
        if self._skipped:
            log.warning(
                "%d of %d images could not be read and were skipped.", self._skipped, self._seen
            )
        return 1 if self._skipped == self._seen else 0


def _named(error, frame):
    """Return an error that says which frame it is about; those of its pixels do not know."""
    told = str(error)
    return ImageError(told if told.startswith(frame.shown) else f"{frame.shown}: {told}")
