"""What every point should answer: assigners turn ground truth into targets."""

from edgedet.targets.cell import assign_center_cell
from edgedet.targets.center import CenterAssigner
from edgedet.targets.fcos import assign_fcos
from edgedet.targets.targets import Targets

__all__ = ["CenterAssigner", "Targets", "assign_center_cell", "assign_fcos"]
