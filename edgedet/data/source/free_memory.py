"""How much memory is left."""

import math
import re
from pathlib import Path

# Linux's own account. What caches hold counts as free, unlike in `os.sysconf`'s free pages.
MEMINFO = Path("/proc/meminfo")


def free_memory() -> float:
    """Return how many bytes programs may still take; infinite where the system does not say."""
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB$", MEMINFO.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return 1024 * int(found[1]) if found else math.inf
