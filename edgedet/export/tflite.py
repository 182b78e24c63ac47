"""Export: a trained detector becomes one .tflite that a board can run."""

from __future__ import annotations

import dataclasses
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgedet.data.record import Dataset
from edgedet.errors import ExportError
from edgedet.export.convert import INPUT, convert
from edgedet.export.flatbuffer import slim
from edgedet.export.inputs import chosen_subset, pattern_inputs, training_inputs
from edgedet.export.model_file import pack, unpack
from edgedet.export.naming import name_tensors
from edgedet.export.portable import make_portable
from edgedet.export.roundings import roundings
from edgedet.export.stages import counted, cut, parts_of
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
from edgedet.quantization.calibration import CALIBRATION_IMAGES
from edgedet.runtime.engine import LiteRTEngine

# Images that the answers of network and file are compared on.
COMPARED_INPUTS = 8
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
    parity: Parity | None = None


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
            _written(network, Path(folder) / f"{number}.tflite", model, manifest, calibration)
            for number, network in enumerate(networks)
        ]
        expected = _expected(reference, manifest, datasets)
        exported, parity = _best(engine, written, datasets, calibration, expected)
        require_parity(parity, exact=precision == "float")
        temporary.write_bytes(exported.path.read_bytes())
    return dataclasses.replace(exported, path=Path(path), parity=parity)


def _written(network, path, model, manifest, calibration) -> list[Exported]:
    """Convert one network and write it, the most wanted form first; nothing is compared yet."""
    converted = convert(network, manifest.precision, calibration)
    _require_outputs(converted.outputs, manifest)
    forms = [_straight(converted.content)]
    if manifest.precision == "int8":
        forms.insert(0, _straight(converted.content))
        make_portable(forms[0])
    files = []
    for number, form in enumerate(forms):
        file = path.with_name(f"{path.stem}-{number}.tflite")
        name_tensors(form, INPUT, converted.outputs, manifest.tensors)
        stages = cut(form, model.stages)
        parts = parts_of(form)
        slim(form)
        file.write_bytes(pack(form))
        carried = dataclasses.replace(manifest, stages=counted(stages, parts, file))
        carried.append_to(file)
        files.append(Exported(file, carried, len(converted.content), file.stat().st_size))
    return files


def _expected(reference, manifest, datasets) -> dict:
    """Return the `Parity` of a file with what it comes from, as far as another model knows it."""
    if reference is None or not datasets:
        return {}
    engine = keras_engine(reference, learns=False)
    return {"ap50_network": mean_ap50(engine, manifest, _compared(datasets))}


def _best(engine, written, datasets, calibration, expected) -> tuple[Exported, Parity]:
    """Return the best file of the most wanted form of which any may stand for the network."""
    for files in zip(*written, strict=True):
        found = [_compare(engine, each, datasets, calibration) for each in files]
        parities = [dataclasses.replace(parity, **expected) for parity in found]
        best = max(zip(files, parities, strict=True), key=lambda pair: pair[1].worth)
        if best[1].is_faithful:
            break
        log.info(
            "%d of %d detections are found again, AP50 is %.3f",
            *(best[1].partnered, best[1].detections, best[1].ap50_file or 0.0),
        )
    else:
        return best
    if files[0] is not written[0][0]:
        log.warning(
            "interpreters may answer a few steps apart: rounded so that they agree bit for bit, "
            "the file would find too little"
        )
    return best


def _compare(network, exported, datasets, calibration) -> Parity:
    """Return how closely a file answers as its network, an engine, does."""
    manifest = exported.manifest
    file = LiteRTEngine(exported.path, manifest)
    inputs = calibration[:COMPARED_INPUTS]
    if not len(inputs):
        log.info("no training images: raw outputs are compared on patterns")
        inputs = pattern_inputs(manifest, COMPARED_INPUTS, SEED)
    parity = Parity(compare_outputs(network, file, inputs))
    if not datasets or manifest.precision == "float":
        return parity
    measured = compare_detections(network, file, manifest, _compared(datasets))
    if not measured.detections:
        log.warning("the network reports nothing on training images: is it trained?")
    return dataclasses.replace(measured, max_error=parity.max_error)


def _compared(datasets):
    """Return the images that detections are compared on."""
    share = -(-COMPARED_IMAGES // len(datasets))
    # Other images than most of those that set the ranges.
    return [chosen_subset(dataset, share, SEED + 1) for dataset in datasets]


def _straight(content):
    """Return the `ModelT` of a network that runs from its input to its outputs once."""
    model = unpack(content)
    if len(model.subgraphs) != 1:
        raise ExportError(
            "Expected a network that computes each layer once, found loops or conditions in it.\n"
            "Write them with operations on whole tensors, as boards compute no others."
        )
    return model


def _require_outputs(outputs, manifest):
    if sorted(outputs) != sorted(manifest.tensors):
        raise ExportError(
            f"The manifest promises outputs {sorted(manifest.tensors)}, "
            f"the network has {sorted(outputs)}.\n"
            "Name the outputs of the network as `Manifest.tensors` does."
        )
