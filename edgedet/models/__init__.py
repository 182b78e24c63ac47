"""The detectors: Keras models that learn through `model.fit`."""

from edgedet.models.detector import Detector
from edgedet.models.engine import keras_engine
from edgedet.models.phantom import Phantom
from edgedet.models.saved import load_detector

__all__ = ["Detector", "Phantom", "keras_engine", "load_detector"]

# By the name that recipes and manifests use.
MODELS = {"phantom": Phantom}
