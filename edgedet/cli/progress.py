"""How far a command is, on stderr."""

import sys


def show_progress(records):
    """Give records one by one, and say how many are done."""
    for done, record in enumerate(records):
        _say(done, len(records))
        yield record
    _say(len(records), len(records), end="\n")


def _say(done, total, end=""):
    # A log file gets the last line only; a terminal gets one line that changes.
    if end or sys.stderr.isatty():
        start = "\r" if sys.stderr.isatty() else ""
        print(f"{start}{done} of {total} images", end=end, file=sys.stderr, flush=True)
