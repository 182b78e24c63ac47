"""Settings: the typed values that say how something is done; each is a flag of a command."""

from edgedet.settings.feeding import Feeding, Photometric, Zoom
from edgedet.settings.learning import Assignment, Loss, Optimization
from edgedet.settings.setting import Settings, choice, names, number, size, switch, text

__all__ = [
    "Assignment",
    "Feeding",
    "Loss",
    "Optimization",
    "Photometric",
    "Settings",
    "Zoom",
    "choice",
    "names",
    "number",
    "size",
    "switch",
    "text",
]
