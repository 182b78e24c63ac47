"""Settings: the typed values that say how something is done; each is a flag of a command."""

from edgedet.settings.feeding import Feeding, Photometric, Thermal, Zoom
from edgedet.settings.learning import Assignment, Distillation, Loss, Optimization
from edgedet.settings.network import Network, Sensor
from edgedet.settings.setting import Settings, choice, names, number, size, switch, text

__all__ = [
    "Assignment",
    "Distillation",
    "Feeding",
    "Loss",
    "Network",
    "Optimization",
    "Photometric",
    "Sensor",
    "Settings",
    "Thermal",
    "Zoom",
    "choice",
    "names",
    "number",
    "size",
    "switch",
    "text",
]
