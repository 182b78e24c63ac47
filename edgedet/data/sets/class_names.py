"""Class names that mean one class, though data sets spell them differently."""

from collections.abc import Sequence

import numpy as np

# Pascal VOC's spelling on the left, COCO's on the right.
COCO_SPELLING = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}


def canonical(name: str) -> str:
    """Return the spelling under which classes meet: COCO's, in lower case.

    Two names are one class where this is equal: `TVmonitor` and `tv`, `Person` and `person`.
    """
    plain = " ".join(name.split()).lower()
    return COCO_SPELLING.get(plain, plain)


def new_labels(names: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Return the label that each of `names` has among `classes`, -1 where it is none of them.

    Args:
        names: C names, in any spelling.
        classes: Names in the order of the new labels, in any spelling.

    Returns:
        int32 `[C]`.
    """
    labels = {canonical(name): label for label, name in enumerate(classes)}
    return np.array([labels.get(canonical(name), -1) for name in names], "int32")
