"""Class names that mean one class, though data sets spell them differently."""

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
