"""What every point should answer: assigners turn ground truth into targets."""

from edgedet.targets.assigner import Assigner
from edgedet.targets.atss import AtssAssigner
from edgedet.targets.cell import assign_center_cell
from edgedet.targets.center import CenterAssigner
from edgedet.targets.fcos import FcosAssigner, assign_fcos
from edgedet.targets.simota import SimOtaAssigner
from edgedet.targets.targets import Targets
from edgedet.targets.task_aligned import TaskAlignedAssigner

# Made of (input_size, strides) and settings of their own; "center" needs `size_ranges` too.
ASSIGNERS = {
    "center": CenterAssigner,
    "fcos": FcosAssigner,
    "atss": AtssAssigner,
    "task_aligned": TaskAlignedAssigner,
    "simota": SimOtaAssigner,
}

__all__ = [
    "ASSIGNERS",
    "Assigner",
    "AtssAssigner",
    "CenterAssigner",
    "FcosAssigner",
    "SimOtaAssigner",
    "Targets",
    "TaskAlignedAssigner",
    "assign_center_cell",
    "assign_fcos",
]
