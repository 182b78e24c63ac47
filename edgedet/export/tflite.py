"""Export: a trained detector becomes one .tflite that a board can run."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgedet import outputs
from edgedet.data.record import Dataset
from edgedet.errors import ExportError, ModelError
from edgedet.export.convert import INPUT, convert
from edgedet.export.flatbuffer import slim
from edgedet.export.inputs import chosen_subset, pattern_inputs, training_inputs
from edgedet.export.naming import name_tensors
from edgedet.export.stages import counted, cut
from edgedet.export.uncertainty import with_measured_std
from edgedet.export.verify import (
    Parity,
    compare_detections,
    compare_outputs,
    mean_ap50,
    require_parity,
)
from edgedet.files import replacing
from edgedet.manifest import Manifest
from edgedet.models import keras_engine
from edgedet.quantization import is_rounded
from edgedet.quantization.calibration import CALIBRATION_IMAGES
from edgedet.quantization.post_training import quantize_post_training
from edgedet.runtime.engine import LiteRTEngine

# Images that the answers of network and file are compared on.
COMPARED_INPUTS = 8
# A probability of .0001: with the best quality beside it, a score of .01.
LOWEST_LOGIT = -9.2
# Images that ranges are measured on at a time.
BATCH = 16
COMPARED_IMAGES = 100
# Chooses the images.
SEED = 0

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        path: The file.
        manifest: What it carries.
        converted_bytes: What the converter wrote, before slimming.
        file_bytes: Size of the file, manifest included.
        parity: How closely it answers as the network does.
    """

    path: Path
    manifest: Manifest
    converted_bytes: int
    file_bytes: int
    parity: Parity


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
            With them, the biases of an INT8 file take back what rounding shifts, which takes a
            minute or two.
        calibration: uint8 `[N, h, w, bands]` instead, network inputs that set the INT8 ranges.
        manifest: What the file shall carry; the model's own by default.
        reference: The trained `Detector` that `model` was made of, where it has learned to round
            since: the file must not find less than it did.

    Raises:
        ExportError: The network cannot be converted, or the file answers otherwise.
        OutputError: The file cannot be written.
    """
    manifest = dataclasses.replace(manifest or model.manifest(), precision=precision)
    manifest = with_measured_std(manifest, keras_engine(model), datasets, SEED)
    if calibration is None:
        calibration = training_inputs(datasets, manifest, CALIBRATION_IMAGES, SEED)
    network = model.network
    if precision == "int8" and datasets:
        network = _rounded(network, calibration, manifest)
    converted = convert(network, precision, calibration)
    _require_outputs(converted.outputs, manifest)
    named = name_tensors(converted.content, INPUT, converted.outputs, manifest.tensors)
    staged, stages = cut(named, model.stages)
    with replacing(path) as temporary:
        temporary.write_bytes(slim(staged))
        manifest = dataclasses.replace(manifest, stages=counted(temporary, stages))
        manifest.append_to(temporary)
        parity = _verify(model, temporary, manifest, datasets, calibration)
        if reference is not None and parity.ap50_network is not None:
            subsets = _compared(datasets)
            ap50 = mean_ap50(keras_engine(reference), manifest, subsets)
            parity = dataclasses.replace(parity, ap50_network=ap50)
            require_parity(parity, exact=False)
        file_bytes = temporary.stat().st_size
    return Exported(Path(path), manifest, len(converted.content), file_bytes, parity)


def _rounded(network, calibration, manifest):
    """Return a network that rounds, and whose biases take back what rounding shifts on average.

    The converter by itself lets such shifts add up; see `quantize_post_training`.
    """
    if is_rounded(network) or not len(calibration):
        return network
    parts = -(-len(calibration) // BATCH)
    batches = [batch / np.float32(255) for batch in np.array_split(calibration, parts)]
    try:
        # Clipping pays in squared errors, but on our detectors not in detections.
        return quantize_post_training(network, batches, clip=False, lowest=_lowest(manifest))
    except ModelError as error:
        log.info("the converter chooses ranges by itself: %s", error)
        return network


def _lowest(manifest):
    """Return, of each output of classes, the logit below which no curve looks."""
    kind = outputs.of_role(manifest.kinds, outputs.CLASS)
    return {manifest.tensor(level, kind): LOWEST_LOGIT for level in manifest.levels}


def _verify(model, path, manifest, datasets, calibration) -> Parity:
    network, file = keras_engine(model), LiteRTEngine(path, manifest)
    inputs = calibration[:COMPARED_INPUTS]
    if not len(inputs):
        log.info("no training images: raw outputs are compared on patterns")
        inputs = pattern_inputs(manifest, COMPARED_INPUTS, SEED)
    parity = Parity(compare_outputs(network, file, inputs))
    exact = manifest.precision == "float"
    if datasets and not exact:
        measured = compare_detections(network, file, manifest, _compared(datasets))
        parity = dataclasses.replace(measured, max_error=parity.max_error)
        if not parity.detections:
            log.warning("the network reports nothing on training images: is it trained?")
    require_parity(parity, exact)
    return parity


def _compared(datasets):
    """Return the images that detections are compared on."""
    share = -(-COMPARED_IMAGES // len(datasets))
    # Other images than most of those that set the ranges.
    return [chosen_subset(dataset, share, SEED + 1) for dataset in datasets]


def _require_outputs(outputs, manifest):
    if sorted(outputs) != sorted(manifest.tensors):
        raise ExportError(
            f"The manifest promises outputs {sorted(manifest.tensors)}, "
            f"the network has {sorted(outputs)}.\n"
            "Name the outputs of the network as `Manifest.tensors` does."
        )
