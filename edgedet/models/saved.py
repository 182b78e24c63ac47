"""Saved models: a .keras file becomes a detector again."""

from pathlib import Path

import keras

from edgedet.errors import ModelError
from edgedet.models.detector import Detector


def load_detector(path: Path) -> Detector:
    """Return the detector that was saved at `path`, not compiled.

    Raises:
        ModelError: The file is damaged, or holds another model.
    """
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever its parsers meet in a foreign file.
        reason = next(iter(str(error).strip().splitlines()), "unreadable")
        raise ModelError(
            f"{path}: Keras cannot load this file ({reason}).\n"
            "Save the model again with this version of edgedet."
        ) from error
    if not isinstance(model, Detector):
        raise ModelError(
            f"{path}: expected one of edgedet's detectors, found a {type(model).__name__}.\n"
            "Save the detector itself, not its network."
        )
    return model
