"""Thermal frames: a sensor's counts become the grey levels that a network learns from."""

from edgedet.thermal.intensity import as_counts, intensity
from edgedet.thermal.normalization import Normalization, limits, normalize
from edgedet.thermal.reading import read

__all__ = ["Normalization", "as_counts", "intensity", "limits", "normalize", "read"]
