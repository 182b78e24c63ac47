"""Every preset of every detector as files, untrained: bytes do not depend on what is learned."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from edgedet.export.inputs import pattern_inputs
from edgedet.export.tflite import export
from edgedet.models import PRESETS

PRECISIONS = ("float", "int8")
CALIBRATION_IMAGES = 4


def export_presets(folder: Path, names=tuple(PRESETS), seed: int = 0) -> list[Path]:
    """Write the files of presets into `folder`.

    Args:
        folder: Where to; existing.
        names: Which of them; all by default.
        seed: Chooses the weights.

    Returns:
        The files, `<preset>-<input height>-<precision>.tflite`.
    """
    paths = []
    for name in names:
        model = PRESETS[name]()
        unsettle(model.network, seed)
        calibration = pattern_inputs(model.manifest(), CALIBRATION_IMAGES, seed)
        for precision in PRECISIONS:
            path = Path(folder) / f"{name}-{model.input_size[0]}-{precision}.tflite"
            export(model, path, precision, calibration=calibration)
            paths.append(path)
    return paths


def unsettle(network: keras.Model, seed: int = 0) -> None:
    """Give batch normalization the look of training, in place.

    Fresh statistics fold into biases of zero, which the converter leaves out: the file would be
    smaller than that of a trained network.
    """
    generator = np.random.default_rng(seed)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.gamma.shape[0]
            layer.gamma.assign(generator.uniform(0.5, 1.5, channels))
            layer.beta.assign(generator.normal(0, 0.3, channels))
            layer.moving_mean.assign(generator.normal(0, 0.2, channels))
            layer.moving_variance.assign(generator.uniform(0.5, 1.5, channels))
