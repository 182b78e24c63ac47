"""The main graph of a model file, without the stages behind it.

Microcontrollers reserve memory for every subgraph of a file at once, and run none but the first.
"""

from __future__ import annotations

import struct

# Number of the field `subgraphs` in the table `Model` of TFLite's schema.
SUBGRAPHS = 2


def main_graph_of(content: bytes) -> bytes:
    """Return a .tflite whose list of subgraphs ends after the first; all else stays in place.

    Args:
        content: A flatbuffer of TFLite's schema; what follows it does not matter.
    """
    place = _list_of_subgraphs(content)
    return content[:place] + struct.pack("<I", 1) + content[place + 4 :]


def _list_of_subgraphs(content):
    """Return where the list begins: with its length, as all vectors of flatbuffers do."""
    (model,) = struct.unpack_from("<I", content, 0)
    (to_fields,) = struct.unpack_from("<i", content, model)
    # Two sizes come before the offsets of the fields.
    (field,) = struct.unpack_from("<H", content, model - to_fields + 4 + 2 * SUBGRAPHS)
    (offset,) = struct.unpack_from("<I", content, model + field)
    return model + field + offset
