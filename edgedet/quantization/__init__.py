"""From floats to 8-bit integers: what sets the scales."""

from edgedet.quantization.calibration import calibration_order
from edgedet.quantization.observing import observe, ranges_of, require_observed
from edgedet.quantization.rewrite import quantize_aware
from edgedet.quantization.rules import AVERAGES, COMPUTES, MOVES, RULES, Rule

__all__ = [
    "AVERAGES",
    "COMPUTES",
    "MOVES",
    "RULES",
    "Rule",
    "calibration_order",
    "observe",
    "quantize_aware",
    "ranges_of",
    "require_observed",
]
