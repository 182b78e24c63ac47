"""Runs: the folder of a training, and how its parts are read and written."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

from edgedet import files
from edgedet.errors import DataError, ModelError
from edgedet.training.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class Run:
    """The folder of one training.

    Attributes:
        folder: Where everything lies.
    """

    folder: Path

    @property
    def recipe_file(self) -> Path:
        """The settings, JSON."""
        return self.folder / "recipe.json"

    @property
    def best_file(self) -> Path:
        """The model with the averaged weights of the best evaluation."""
        return self.folder / "best.keras"

    @property
    def last_file(self) -> Path:
        """The model with the averaged weights of the last evaluation."""
        return self.folder / "last.keras"

    @property
    def pruned_file(self) -> Path:
        """The model that a run after pruning begins with."""
        return self.folder / "pruned.keras"

    @property
    def state_file(self) -> Path:
        """Everything that a resumed training goes on from."""
        return self.folder / "state.npz"

    @property
    def history_file(self) -> Path:
        """One line an epoch, CSV."""
        return self.folder / "history.csv"

    @property
    def curves_file(self) -> Path:
        """The history as curves."""
        return self.folder / "curves.png"

    @property
    def tensorboard_folder(self) -> Path:
        """The history and example images, for TensorBoard."""
        return self.folder / "tensorboard"

    @property
    def report_file(self) -> Path:
        """What the finished training came to, HTML."""
        return self.folder / "report.html"

    def read_history(self) -> list[dict[str, float]]:
        """Return the finished epochs, each a dict of numbers; missing ones are left out."""
        if not self.history_file.is_file():
            return []
        with self.history_file.open(newline="") as file:
            return [
                {name: float(value) for name, value in row.items() if value}
                for row in csv.DictReader(file)
            ]

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Write the finished epochs."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        files.write_text(self.history_file, text.getvalue())

    def sweep(self) -> None:
        """Remove what a process that was killed while it wrote has left."""
        for path in self.folder.glob(f"{files.UNFINISHED}*"):
            path.unlink(missing_ok=True)

    def save_model(self, model, path: Path) -> None:
        """Write a Keras model, whole or not at all."""
        with files.replacing(path) as temporary:
            model.save(temporary)


def require_new(run: Run) -> None:
    """Refuse a folder that holds a run already, or cannot hold one.

    Raises:
        DataError: It does.
        OutputError: It cannot be written.
    """
    files.require_writable(run.folder)
    if run.recipe_file.is_file():
        raise DataError(
            f"{run.folder}: there is a run already.\n"
            "Choose another folder, or go on with `edgedet train --resume`, even where no epoch "
            "was finished."
        )


def load_trained(path: Path):
    """Return a trained detector and the recipe of its run; a .keras file knows none: `None`.

    Args:
        path: A run folder of `edgedet train`, or a .keras file.

    Raises:
        DataError: The folder holds no finished evaluation.
        ModelError: It is neither, or damaged.
    """
    from edgedet.models import load_detector

    path = Path(path)
    if path.is_dir():
        return load_run(path)
    if path.suffix == ".keras" and path.is_file():
        return load_detector(path), None
    raise ModelError(
        f"{path}: expected a run folder of `edgedet train` or a .keras file, found neither.\n"
        "Check the path."
    )


def load_run(folder: Path):
    """Return the best model of a run folder, or its last one, and its recipe.

    Raises:
        DataError: The folder holds no finished evaluation.
        ModelError: The model of the folder is damaged.
    """
    from edgedet.models import load_detector

    run = Run(Path(folder))
    recipe = Recipe.read(run.recipe_file)
    for path in (run.best_file, run.last_file):
        if path.is_file():
            return load_detector(path), recipe
    raise DataError(
        f"{folder}: expected a trained model, found none.\n"
        "Let `edgedet train` reach its first evaluation."
    )
