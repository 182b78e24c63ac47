"""The recipes that `edgedet train --list` shows: how the shipped models were trained."""

from edgedet.data import voc
from edgedet.data.sets.class_names import canonical
from edgedet.settings import (
    Assignment,
    Feeding,
    Loss,
    Network,
    Optimization,
    Photometric,
    ThermalAugmentation,
    ThermalNormalization,
    Zoom,
)
from edgedet.training.recipe import Recipe

RECIPES = {
    "phantom-wider": Recipe(
        "phantom",
        input_size=(128, 128),
        epochs=300,
        feeding=Feeding(Zoom(0.7, 5.0, 110.0), cache=True),
    ),
    "nexus-coco": Recipe(
        "nexus",
        classes=tuple(map(canonical, voc.CLASS_NAMES)),
        epochs=100,
        min_teacher_score=0.45,
        feeding=Feeding(
            Zoom(0.6, 16.0, 250.0),
            mosaic=0.3,
            balance=0.5,
            min_side=8.0,
            cache=True,
        ),
        loss=Loss(contrast_weight=0.3),
        optimization=Optimization("muon", learning_rate=0.008, ema_decay=0.9995),
    ),
    "nightvision-thermal": Recipe(
        "nightvision",
        classes=("person", "vehicle", "bicycle", "animal"),
        epochs=120,
        feeding=Feeding(
            Zoom(0.6, 8.0, 60.0),
            Photometric(0.15, 0.3),
            ThermalAugmentation(invert=0.5, drift=0.1, stripes=0.01, dead=0.002),
            mosaic=0.3,
            min_side=3.0,
            cache=True,
        ),
        assignment=Assignment("simota"),
        loss=Loss("bce", "ciou", box_weight=5.0),
        optimization=Optimization(ema_decay=0.998),
    ),
    "nightvision-sirst": Recipe(
        "nightvision",
        classes=("point_source",),
        epochs=400,
        batch_size=16,
        feeding=Feeding(
            Zoom(0.6, 3.0, 20.0),
            Photometric(0.15, 0.3, noise=0.01),
            ThermalAugmentation(drift=0.1, stripes=0.005),
            mosaic=0.3,
            min_side=2.0,
            cache=True,
        ),
        assignment=Assignment("simota"),
        loss=Loss("bce", "ciou", box_weight=5.0),
        optimization=Optimization(ema_decay=0.995),
        network=Network(box_voting=False, normalization=ThermalNormalization(polarity="white_hot")),
    ),
}

# What each finds.
PURPOSE = {
    "phantom-wider": "Faces of 4 pixels and more at 128x128, from WIDER FACE.",
    "nexus-coco": "Everyday objects of 16 pixels and more at 320x320: Pascal VOC's classes, in "
    "COCO's spelling.",
    "nightvision-thermal": "Warm bodies of 5 pixels and more at 320x320, in frames of any "
    "polarity; from several sets, each of which labels some of the classes.",
    # Dead pixels would look like points; the device repairs these before it looks.
    "nightvision-sirst": "Points of 2 pixels and more at 320x320, hotter than what is around "
    "them: no inversion, no dead pixels.",
}
# What the shipped INT8 files measure on images kept apart; exports/README.md says more.
MEASURED = {
    "phantom-wider": "Measured after four such runs, see exports/README.md: WIDER FACE easy .639, "
    "medium .453, hard .218 (230 images).",
    "nexus-coco": "Measured after four runs, only the last two of them by this recipe, see "
    "exports/README.md: AP50 person .325, mean of 20 classes .137 (150 images of COCO).",
    "nightvision-thermal": "Measured: AP50 .660, mean of 4 classes (176 images of four sets).",
    "nightvision-sirst": "Measured: 83 % of targets found, .21 false alarms an image (42 images).",
}
