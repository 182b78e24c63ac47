"""Sequences for training: made of still images or of digits, with boxes and who is who."""

from edgedet.data.sequences.digits import digit_sequences
from edgedet.data.sequences.stills import sequences

__all__ = ["digit_sequences", "sequences"]
