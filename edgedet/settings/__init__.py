"""Settings: the typed values that say how something is done; each is a flag of a command."""

from edgedet.settings.feeding import Feeding, Photometric, ThermalAugmentation, Zoom
from edgedet.settings.learning import Assignment, Distillation, Loss, Optimization
from edgedet.settings.network import Network, ThermalNormalization
from edgedet.settings.setting import Settings, choice, names, number, path, size, switch, text

__all__ = [
    "Assignment",
    "Distillation",
    "Feeding",
    "Loss",
    "Network",
    "Optimization",
    "Photometric",
    "ThermalNormalization",
    "Settings",
    "ThermalAugmentation",
    "Zoom",
    "choice",
    "names",
    "number",
    "path",
    "size",
    "switch",
    "text",
]
