"""The state of a training: what a resumed run goes on from, as if it had never stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgedet import files
from edgedet.errors import DAMAGE, DataError


def save(path: Path, epoch: int, model, average) -> None:
    """Write everything that changes in training, whole or not at all.

    Args:
        path: An .npz file.
        epoch: Number of finished epochs.
        model: The compiled detector.
        average: Its `WeightAverage`.
    """
    arrays = {name: np.asarray(value) for name, value in variables(model, average).items()}
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, epoch=epoch, **arrays)


def restore(path: Path, model, average) -> int:
    """Give model, optimizer and average the values at `path`; return the finished epochs.

    Raises:
        DataError: The file is damaged or belongs to another model.
    """
    values = variables(model, average)
    arrays = _read(path)
    epoch = int(arrays.pop("epoch", 0))
    shapes = {name: tuple(value.shape) for name, value in values.items()}
    found = {name: array.shape for name, array in arrays.items()}
    if found != shapes:
        other = min(name for name, _ in found.items() ^ shapes.items())
        raise DataError(
            f"{path}: the saved state does not fit this model; they differ in {other}.\n"
            "Resume with the recipe and the version of edgedet that the run began with."
        )
    for name, value in values.items():
        value.assign(arrays[name])
    return epoch


def _read(path):
    try:
        with Path(path).open("rb") as file, np.load(file) as saved:
            return {name: saved[name] for name in saved.files}
    except (*DAMAGE, OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: the saved state cannot be read ({error}).\n"
            "The run cannot go on; train anew with another --out."
        ) from error


def variables(model, average) -> dict:
    """Return everything that changes in training, by a name that is the same in every process.

    Seeds of layers that draw at random are among the model's variables.
    """
    shadows = zip(model.weights, average.shadows, strict=True)
    return {
        **{f"model/{variable.path}": variable for variable in model.variables},
        # The first part is the optimizer's own name, which Keras may number.
        **{
            f"optimizer/{variable.path.partition('/')[2]}": variable
            for variable in model.optimizer.variables
        },
        **{f"average/{weight.path}": shadow for weight, shadow in shadows},
        "average/steps": average.steps,
    }
