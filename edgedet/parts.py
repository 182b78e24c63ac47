"""Parts: small learned helpers of a detector, carried in its .tflite beside the manifest.

What runs in NumPy on the device, such as a predictor or a memory of objects, is no subgraph of the
model: its weights lie in the zip that carries the manifest, and a model stays one file. Matrices
are 8-bit integers with one scale for each output column, which costs about a quarter of floats;
vectors and single numbers are few, and stay float32.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np

from edgedet.errors import DAMAGE, DataError, ModelError
from edgedet.files import replacing

# Where parts lie inside the zip.
FOLDER = "parts/"
# Of the integers; -128 is left out, so that the sign of a weight costs nothing.
LARGEST = 127
Weights = dict[str, np.ndarray]


def append_part(path: Path, name: str, weights: Weights) -> None:
    """Append a part to the model file `path`, with or without a manifest; equal ones, equal bytes.

    Args:
        path: A .tflite file.
        name: Of the part; the file carries none of this name yet.
        weights: Floats. Of arrays with two axes or more the last axis is that of the outputs.

    Raises:
        ValueError: The file carries the part already, or a weight is not finite.
        OutputError: The file cannot be written.
    """
    content = _pack(weights)
    if name in read_parts(path):
        raise ValueError(f"{path} carries a part {name!r} already.")
    with replacing(path) as temporary:
        shutil.copyfile(path, temporary)
        with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            # A fixed date: the same model gives the same bytes.
            entry = zipfile.ZipInfo(FOLDER + name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def save_part(path: Path, weights: Weights) -> None:
    """Write the weights of a part as `.npz`, to be put into files by `edgedet export --part`.

    Raises:
        OutputError: The file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **weights)


def load_part(path: Path) -> Weights:
    """Return the weights of a part that `save_part` wrote.

    Raises:
        DataError: The file is missing or holds no weights.
    """
    try:
        # Opened here: what NumPy opens itself it does not always close.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            weights = dict(arrays)
        _pack(weights)
    # Whatever else may lie there surfaces as any of these.
    except (*DAMAGE, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise DataError(
            f"{path}: expected the weights of a part, as tools/train_memory.py writes them, "
            f"found none ({error}).\nCheck the path."
        ) from error
    return weights


def read_part(path: Path, name: str) -> Weights | None:
    """Return the weights of a part, float32 as the integers say, or `None` without such a part.

    Raises:
        ModelError: The part is damaged.
    """
    return read_parts(path).get(name)


def read_parts(path: Path) -> dict[str, Weights]:
    """Return the weights of each part of the model file `path`, by name; see `read_part`.

    Raises:
        ModelError: A part is damaged.
    """
    # A model without a zip carries neither manifest nor parts.
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.startswith(FOLDER)]
            return {name.removeprefix(FOLDER): _unpack(archive.read(name)) for name in names}
    # What is not JSON, and no array, surfaces as any of these.
    except (*DAMAGE, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        raise ModelError(
            f"{path}: expected learned parts beside the manifest, found damaged ones ({error}).\n"
            "Copy the file again, or export the model again with `edgedet export`."
        ) from error


def rounded(weights: Weights) -> Weights:
    """Return what a device will read of `weights`: matrices rounded to 8 bits, all float32."""
    return _unpack(_pack(weights))


def parameters(weights: Weights) -> int:
    """Return the number of learned numbers; the scales of integers are none."""
    return sum(array.size for array in weights.values())


def _pack(weights):
    """Return a line of JSON with the shape of each array, and then their bytes."""
    shapes, pieces = {}, []
    for key, array in weights.items():
        array = np.asarray(array, "<f4")
        if not np.isfinite(array).all():
            raise ValueError(f"{key}: expected finite weights, received others.")
        shapes[key] = list(array.shape)
        if array.ndim < 2:
            pieces.append(array.tobytes())
        else:
            scales = np.abs(array).reshape(-1, array.shape[-1]).max(0, initial=0) / LARGEST
            # A column of zeros may have any scale.
            scales = np.where(scales > 0, scales, 1).astype("<f4")
            pieces += [scales.tobytes(), np.rint(array / scales).astype("int8").tobytes()]
    return b"".join([json.dumps(shapes, separators=(",", ":")).encode(), b"\n", *pieces])


def _unpack(content):
    header, _, body = content.partition(b"\n")
    weights, place = {}, 0
    for key, shape in json.loads(header).items():
        vector = shape if len(shape) < 2 else shape[-1:]
        array = np.frombuffer(body, "<f4", _count(vector), place).reshape(vector)
        place += array.nbytes
        if len(shape) >= 2:
            integers = np.frombuffer(body, "int8", _count(shape), place).reshape(shape)
            place += integers.nbytes
            array = integers * array
        weights[key] = array.astype("float32")
    if place != len(body):
        raise ValueError(f"{len(body) - place} bytes too many")
    return weights


def _count(shape):
    return int(np.prod(shape, dtype="int64"))
