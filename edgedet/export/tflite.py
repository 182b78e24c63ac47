"""Export: a trained detector becomes one .tflite that a board can run."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgedet.data.record import Dataset
from edgedet.export.choice import choose, known
from edgedet.export.forms import Exported, write_forms
from edgedet.export.inputs import training_inputs
from edgedet.export.roundings import roundings
from edgedet.export.uncertainty import with_measured_std
from edgedet.export.verify import require_parity
from edgedet.files import replacing
from edgedet.manifest import Manifest
from edgedet.models import keras_engine
from edgedet.quantization.calibration import CALIBRATION_IMAGES

# Chooses the images.
SEED = 0


def export(
    model,
    path: Path,
    precision: str = "int8",
    datasets: Sequence[Dataset] = (),
    calibration: np.ndarray | None = None,
    manifest: Manifest | None = None,
    reference=None,
) -> Exported:
    """Write a detector as one .tflite with its manifest, or nothing if it answers otherwise.

    Args:
        model: A trained `Detector`; it is not changed.
        path: The file to write; an older one is replaced only by a verified one.
        precision: `float`, `float16` (weights only) or `int8` (everything).
        datasets: Training sets. They give the calibration images, the images on which the
            detections of network and file are compared, and those on which uncertainties are.
            With them, an INT8 file is made in several ways, and the best one is written.
        calibration: uint8 `[N, h, w, bands]` instead, network inputs that set the INT8 ranges.
        manifest: What the file shall carry; the model's own by default.
        reference: The trained `Detector` that `model` was made of, where it has learned to round
            since: the file must not find less than it did.

    Raises:
        ExportError: The network cannot be converted, or the file answers otherwise.
        OutputError: The file cannot be written.
    """
    manifest = dataclasses.replace(manifest or model.manifest(), precision=precision)
    engine = keras_engine(model, learns=False)
    manifest = with_measured_std(manifest, engine, datasets, SEED)
    if calibration is None:
        calibration = training_inputs(datasets, manifest, CALIBRATION_IMAGES, SEED)
    networks = roundings(model.network, precision, calibration if datasets else (), manifest)
    with replacing(path) as temporary, tempfile.TemporaryDirectory() as folder:
        written = [
            write_forms(network, Path(folder) / f"{number}.tflite", model, manifest, calibration)
            for number, network in enumerate(networks)
        ]
        expected = known(reference, manifest, datasets)
        exported, parity = choose(engine, written, datasets, calibration, expected)
        require_parity(parity, exact=precision == "float")
        temporary.write_bytes(exported.path.read_bytes())
    return dataclasses.replace(exported, path=Path(path), parity=parity)
