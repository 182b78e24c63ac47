"""Whether images have the sizes that their annotations were made on."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from edgedet.data.record import Record

log = logging.getLogger(__name__)


def warn_of_other_sizes(
    records: Sequence[Record], sizes: Sequence[tuple[int, int]], source: str
) -> int:
    """Tell of images whose size is not the annotated one: their boxes lie somewhere else.

    Args:
        records: The records.
        sizes: (height, width) of the upright image of each.
        source: What the records come from, for the message.

    Returns:
        How many there are. An image that only lies on its side is none of them: annotations may
        have been made before it was turned upright.
    """
    other = [
        (record, tuple(map(int, size)))
        for record, size in zip(records, sizes, strict=True)
        if record.size is not None and sorted(record.size) != sorted(map(int, size))
    ]
    if other:
        record, (height, width) = other[0]
        log.warning(
            "%s: expected images of the annotated sizes, found %d of %d of another: %s is %dx%d, "
            "annotated as %dx%d. Their boxes do not fit; use the images of the annotations.",
            *(source, len(other), len(records), record.image.name, width, height),
            *reversed(record.size),
        )
    return len(other)
