"""From floats to 8-bit integers: what sets the scales."""

from edgedet.quantization.calibration import calibration_order

__all__ = ["calibration_order"]
