"""A C header for microcontrollers: the model as an array, and what is needed to decode it.

It needs no file system, and is plain C99; TensorFlow Lite Micro reads the array where it lies.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from edgedet import files
from edgedet.errors import ExportError
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import repack
from edgedet.manifest import Manifest
from edgedet.runtime.measure.inspection import inspect

# Flatbuffers are read in place: the largest scalar, and the vectors of some kernels, want this.
ALIGNMENT = 16
BYTES_A_LINE = 24

TEMPLATE = """\
/* {title}
 * Written by `edgedet export`. real = (integer - zero_point) * scale. */
#ifndef {macro}_H
#define {macro}_H

#include <stdint.h>

#if defined(_MSC_VER)
#define {macro}_ALIGNED __declspec(align({alignment}))
#else
#define {macro}_ALIGNED __attribute__((aligned({alignment})))
#endif

#define {macro}_SIZE {size}
#define {macro}_CLASSES {classes}
#define {macro}_OUTPUTS {outputs}
#define {macro}_MIN_SCORE {min_score}f
#define {macro}_IOU_THRESHOLD {iou_threshold}f

/* Sides are batch, height, width, channels; stride is that of the cells in pixels. */
typedef struct {{
    const char *name;
    int32_t shape[4];
    float scale;
    int32_t zero_point;
    int32_t stride;
}} {name}_tensor;

static const char *const {name}_class_names[{macro}_CLASSES] = {{
{class_names}
}};

static const {name}_tensor {name}_input = {input};

static const {name}_tensor {name}_outputs[{macro}_OUTPUTS] = {{
{output_rows}
}};

static const {macro}_ALIGNED uint8_t {name}_model[{macro}_SIZE] = {{
{model}
}};

#endif
"""


def write_c_header(model: Path, header: Path) -> None:
    """Write an INT8 model file as a C header.

    Its names begin with the name of the model file. The array holds no manifest, which the header
    stands for, and no stages, for which a microcontroller would reserve memory.

    Args:
        model: A .tflite that `export` wrote.
        header: The file to write.

    Raises:
        ExportError: The model computes in floats.
        ManifestError: The model carries no manifest.
        OutputError: The header cannot be written.
    """
    manifest = Manifest.read(model)
    facts = inspect(model, manifest)
    if not facts.integer_only:
        raise ExportError(
            f"{model}: expected a model of integers only, found {manifest.precision}.\n"
            "Export it with --int8."
        )
    content = _flatbuffer(model)
    name = _identifier(model.stem)
    stride_of = {
        manifest.tensor(level, kind): level.stride
        for level in manifest.levels
        for kind in manifest.kinds
    }
    text = TEMPLATE.format(
        title=f"{manifest.model}, {manifest.input_size[1]}x{manifest.input_size[0]}, INT8",
        name=name,
        macro=name.upper(),
        alignment=ALIGNMENT,
        size=len(content),
        classes=len(manifest.class_names),
        outputs=len(facts.outputs),
        min_score=float(manifest.min_score),
        iou_threshold=float(manifest.iou_threshold),
        class_names=",\n".join(f"    {_quoted(each)}" for each in manifest.class_names),
        input=_row(facts.inputs[0], 1),
        output_rows=",\n".join(f"    {_row(each, stride_of[each.name])}" for each in facts.outputs),
        model="\n".join(_lines(content)),
    )
    files.write_text(header, text)


def _flatbuffer(path: Path) -> bytes:
    """Return the main graph of a model file, without its stages and the zip behind it."""
    with zipfile.ZipFile(path) as archive:
        end = min(entry.header_offset for entry in archive.infolist())
    return repack(path.read_bytes()[:end], _forget_stages, slim)


def _forget_stages(model):
    model.subgraphs = model.subgraphs[:1]
    model.signatureDefs = [each for each in model.signatureDefs if not each.subgraphIndex]


def _lines(content):
    for start in range(0, len(content), BYTES_A_LINE):
        yield "".join(f"{byte}," for byte in content[start : start + BYTES_A_LINE])


def _identifier(text):
    words = re.sub(r"\W", "_", text, flags=re.ASCII).lower()
    return words if re.match(r"[a-z]", words) else f"model_{words}"


def _quoted(text):
    """Return a C string; what is not plain ASCII is written as UTF-8, in octal."""
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
        for byte in text.encode()
    )
    return f'"{plain}"'


def _row(tensor, stride):
    sides = ", ".join(map(str, tensor.shape))
    return (
        f"{{{_quoted(tensor.name)}, {{{sides}}}, {tensor.scale!r}f, {tensor.zero_point}, {stride}}}"
    )
