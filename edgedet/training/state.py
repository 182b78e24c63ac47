"""The state of a training: what a resumed run goes on from, as if it had never stopped."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from edgedet import files
from edgedet.errors import DataError


def save(path: Path, epoch: int, model, average) -> None:
    """Write everything that changes in training, whole or not at all.

    Args:
        path: An .npz file.
        epoch: Number of finished epochs.
        model: The compiled detector.
        average: Its `WeightAverage`.
    """
    arrays = {f"{index}": np.asarray(value) for index, value in enumerate(_values(model, average))}
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, epoch=epoch, **arrays)


def restore(path: Path, model, average) -> int:
    """Give model, optimizer and average the values at `path`; return the finished epochs.

    Raises:
        DataError: The file is damaged or belongs to another model.
    """
    values = _values(model, average)
    try:
        with np.load(path) as saved:
            arrays = [saved[f"{index}"] for index in range(len(values))]
            fits = len(saved.files) == len(values) + 1
            epoch = int(saved["epoch"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: the saved state cannot be read ({error}).") from error
    if not fits or any(a.shape != tuple(v.shape) for a, v in zip(arrays, values, strict=True)):
        raise DataError(
            f"{path}: the saved state does not fit this model.\n"
            "Resume with the recipe that the run began with."
        )
    for value, array in zip(values, arrays, strict=True):
        value.assign(array)
    return epoch


def _values(model, average):
    return [*model.weights, *model.optimizer.variables, *average.shadows, average.steps]
