"""The detectors: Keras models that learn through `model.fit`."""

from functools import partial

import edgedet.models.own_layers  # noqa: F401 - quantization must know them.
from edgedet.models.detector import Detector
from edgedet.models.engine import keras_engine
from edgedet.models.nexus import Nexus
from edgedet.models.nightvision import NightVision
from edgedet.models.phantom import Phantom
from edgedet.models.saved import load_detector

__all__ = ["Detector", "Nexus", "NightVision", "Phantom", "keras_engine", "load_detector"]

# By the name that recipes and manifests use.
MODELS = {"nexus": Nexus, "nightvision": NightVision, "phantom": Phantom}

# What a budget is measured on: every ready-made detector, with as many classes as are usual.
PRESETS = {
    **MODELS,
    "nightvision_wildlife": partial(NightVision.wildlife, 20),
    "nightvision_human": NightVision.human,
    "nightvision_interstellar": partial(NightVision.interstellar, 1, 1),
    "nightvision_vehicle": partial(NightVision.vehicle, 5),
    "nightvision_multi_domain": partial(NightVision.multi_domain, 20),
    "nightvision_edge": partial(NightVision.edge, 20),
}
