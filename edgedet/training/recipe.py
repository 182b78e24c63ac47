"""Recipes: the settings of a training run, saved beside its weights so it can be repeated."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from edgedet.errors import DataError
from edgedet.settings import (
    Assignment,
    Distillation,
    Feeding,
    Loss,
    Network,
    Optimization,
    Settings,
    choice,
    names,
    number,
    path,
    size,
    text,
)
from edgedet.settings.setting import flatten, from_json

ANY = float("inf")
# What a run may be resumed with otherwise than it began: where its data lies now, how long it goes
# on, and on how many machines. Anything else would make it a run that no recipe describes.
MAY_CHANGE = ("--data", "--epochs", "--evaluate-every", "--strategy")

# What the recipes of all versions have; an older one may lack the rest.
ALWAYS = {"model", "data", "epochs"}


@dataclasses.dataclass(frozen=True)
class Recipe(Settings):
    """One training run. Every field, also of the groups, is a flag of `edgedet train`."""

    model: str = text("phantom", "Name of the detector.")
    data: tuple[str, ...] = names(
        "Folders or annotation files whose train parts are learned from together."
    )
    classes: tuple[str, ...] = names("Classes to learn; none means all that the data labels.")
    set_domains: tuple[str, ...] = names(
        "Domain of each set, such as hit_uav=vehicle: of a data folder, or of what the images of "
        "a combined view name as their dataset; for networks with --domains."
    )
    initial: str = path(
        "A run folder or .keras file whose weights the training starts from; none starts anew."
    )
    input_size: tuple[int, int] = size((320, 320), "Width and height of the network input.")
    epochs: int = number(100, 1, ANY, "Passes over the data.")
    batch_size: int = number(32, 1, ANY, "Images a step.")
    evaluate_every: int = number(10, 1, ANY, "Epochs between two evaluations on the val part.")
    min_teacher_score: float = number(
        0.6, 0, 1, "Objects that a teacher network saw with a lower score are ignored."
    )
    seed: int = number(0, 0, 2**31 - 1, "Decides everything random.")
    strategy: str = choice(
        "single",
        ("single", "mirrored", "multiworker"),
        "Train on one device, on all GPUs of this machine, or on all machines of TF_CONFIG.",
    )
    network: Network = Network()
    feeding: Feeding = Feeding()
    assignment: Assignment = Assignment()
    loss: Loss = Loss()
    distillation: Distillation = Distillation()
    optimization: Optimization = Optimization()

    def __post_init__(self):
        super().__post_init__()
        if self.batch_size % self.optimization.accumulate:
            raise self.optimization.refuse(
                "accumulate", f"a divisor of --batch-size, {self.batch_size}"
            )

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """Return the recipe saved at `path`.

        Raises:
            DataError: The file is missing or no recipe of this version.
        """
        try:
            fields = json.loads(Path(path).read_text())
            if not fields.keys() >= ALWAYS:
                raise ValueError(f"missing: {', '.join(sorted(ALWAYS - fields.keys()))}")
            return from_json(cls(), fields)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise DataError(
                f"{path}: expected the recipe of a run, found none ({error}).\n"
                "Give the folder that `edgedet train --out` wrote."
            ) from error

    def require_same(self, other: Recipe) -> None:
        """Refuse to go on with this recipe where a run began with `other`.

        Raises:
            DataError: A setting differs that may not change.
        """
        theirs = flatten(other)
        for flag, (group, field) in flatten(self).items():
            now, then = getattr(group, field.name), getattr(theirs[flag][0], field.name)
            if now != then and flag not in MAY_CHANGE:
                raise DataError(
                    f"{flag}: expected {then}, as the run began, found {now}.\n"
                    f"A resumed run may change {', '.join(MAY_CHANGE)}; for anything else begin a "
                    "new one, with --initial RUN to keep what this one has learned."
                )

    def to_json(self) -> str:
        """Return the recipe as readable JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1)
