"""From floats to 8-bit integers: what sets the scales."""

from edgedet.quantization.calibration import calibration_order
from edgedet.quantization.observing import is_rounded, observe, ranges_of, require_observed
from edgedet.quantization.post_training import quantize_post_training
from edgedet.quantization.rewrite import quantize_aware
from edgedet.quantization.rule import AVERAGES, COMPUTES, MOVES, Rule
from edgedet.quantization.rules import RULES
from edgedet.quantization.settling import settled
from edgedet.quantization.twin import TWINS, Twin

__all__ = [
    "AVERAGES",
    "COMPUTES",
    "MOVES",
    "RULES",
    "TWINS",
    "Rule",
    "Twin",
    "calibration_order",
    "is_rounded",
    "observe",
    "quantize_aware",
    "quantize_post_training",
    "ranges_of",
    "require_observed",
    "settled",
]
