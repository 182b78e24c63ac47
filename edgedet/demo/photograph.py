"""A real photograph, and the shipped model that looks at it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

import edgedet
from edgedet import images
from edgedet.detections import Detections
from edgedet.runtime import EdgeDetector
from edgedet.runtime.drawing.detections import draw

SHIPPED = Path("exports") / "phantom-128-int8.tflite"
# A public-domain portrait that matplotlib installs for its own examples.
PHOTOGRAPH = "grace_hopper.jpg"


@dataclasses.dataclass(frozen=True)
class Sighting:
    """What a model finds in the photograph.

    Attributes:
        model: The file.
        shipped: Whether it is the model that ships, trained on photographs.
        detections: In pixels of the photograph.
        picture: uint8 `[H, W, 3]`, the photograph with the detections drawn.
    """

    model: Path
    shipped: bool
    detections: Detections
    picture: np.ndarray


def look(own_model: Path) -> Sighting:
    """Detect faces in the photograph with the shipped model, or with `own_model` without one."""
    shipped = shipped_model()
    model = shipped or own_model
    detect = EdgeDetector.load(model)
    photograph, _ = images.read(photograph_file())
    found = detect(photograph)
    picture = draw(photograph, found, detect.manifest.class_names)
    return Sighting(model, shipped is not None, found, picture)


def shipped_model() -> Path | None:
    """Return the shipped INT8 Phantom, beside the package or here, or `None`."""
    beside = Path(edgedet.__file__).parent.parent
    for folder in (beside, Path.cwd()):
        if (folder / SHIPPED).is_file():
            return folder / SHIPPED
    return None


def photograph_file() -> Path:
    """Return where matplotlib keeps the photograph."""
    from matplotlib.cbook import get_sample_data

    return Path(get_sample_data(PHOTOGRAPH, asfileobj=False))
