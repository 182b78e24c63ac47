"""Forms: the files that one network may become.

An INT8 network becomes two: one whose integers every interpreter rounds alike, and the converter's.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from edgedet.errors import ExportError
from edgedet.export.convert import INPUT, convert
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import pack, unpack
from edgedet.export.naming import name_tensors
from edgedet.export.portable import make_portable
from edgedet.export.stages import counted, cut, parts_of
from edgedet.export.verify import Parity
from edgedet.manifest import Manifest


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


def write_forms(network, path: Path, model, manifest: Manifest, calibration) -> list[Exported]:
    """Convert one network and write all its forms, the most wanted first; nothing is compared yet.

    Args:
        network: What is converted: the model's own network, or that rounded in some way.
        path: Where the forms are written, each by this name with a number behind it.
        model: The `Detector` whose stages the files shall have.
        manifest: What they carry.
        calibration: uint8 `[N, h, w, bands]`; see `convert`.

    Raises:
        ExportError: The network cannot be converted, holds loops, or has other outputs than are
            promised.
    """
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
