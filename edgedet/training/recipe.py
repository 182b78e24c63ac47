"""Recipes: the settings of a training run, saved beside its weights so it can be repeated."""

from __future__ import annotations

import argparse
import dataclasses
import json
import typing
from pathlib import Path

from edgedet.errors import DataError
from edgedet.training import limits


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One training run. Every field is a flag of `edgedet train`.

    Attributes:
        model: Name of the detector.
        data: Folders or annotation files whose train parts are learned from together.
        classes: Names of the classes to learn; empty means the model's own.
        initial: A run folder or .keras file whose weights the training starts from, to
            fine-tune them; none starts anew.
        input_side: Side of the square network input, in pixels.
        epochs: Passes over the data.
        batch_size: Images a step.
        learning_rate: Its peak, after the warm-up.
        warmup_epochs: Epochs in which the learning rate rises from zero.
        final_rate: Share of the peak that is left in the last epoch (cosine in between).
        weight_decay: Of kernels; biases and norms are left alone.
        clip_norm: Gradients longer than this are shortened.
        ema_decay: Weight of the past in the averaged weights, which are what is kept; nearer
            to 1 is smoother and slower.
        class_loss: `focal`, `quality_focal` or `varifocal`.
        box_loss: `iou`, `giou`, `diou` or `ciou`.
        box_weight: Weight of the box term.
        radius: Points up to so many strides from an object's centre answer for it.
        min_side: Smaller objects, at input scale in pixels, are ignored.
        zoom: Share of samples that zoom to a random object.
        zoom_from: Smallest size the chosen object gets, in input pixels.
        zoom_to: Largest size the chosen object gets.
        jitter: Largest factor by which a whole view is scaled.
        min_teacher_score: Objects that a teacher network saw with a lower score are ignored.
        evaluate_every: Epochs between two evaluations on the val part.
        cache: Keep decoded images in memory (3 bytes a pixel).
        seed: Decides everything random.

    Raises:
        DataError: A setting is out of its limits.
    """

    model: str
    data: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    initial: str = ""
    input_side: int = 320

    epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 3e-3
    warmup_epochs: float = 2.0
    final_rate: float = 0.01
    weight_decay: float = 5e-4
    clip_norm: float = 10.0
    ema_decay: float = 0.9998

    class_loss: str = "quality_focal"
    box_loss: str = "giou"
    box_weight: float = 2.0
    radius: float = 1.2

    min_side: float = 4.0
    zoom: float = 0.7
    zoom_from: float = 5.0
    zoom_to: float = 110.0
    jitter: float = 1.3
    min_teacher_score: float = 0.6

    evaluate_every: int = 10
    cache: bool = True
    seed: int = 0

    def __post_init__(self):
        limits.check(dataclasses.asdict(self))

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """Return the recipe saved at `path`.

        Raises:
            DataError: The file is missing or no recipe of this version.
        """
        try:
            fields = json.loads(Path(path).read_text())
            return cls(
                **{**fields, "data": tuple(fields["data"]), "classes": tuple(fields["classes"])}
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{path}: expected the recipe of a run, found none ({error}).\n"
                "Give the folder that `edgedet train --out` wrote."
            ) from error

    def to_json(self) -> str:
        """Return the recipe as readable JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1)


RECIPES = {
    # Faces of 4 pixels and more at 128x128, from WIDER FACE.
    "phantom-wider": Recipe("phantom", input_side=128, epochs=300),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer every field of a recipe but the model as a flag: `--learning-rate 0.01`."""
    descriptions = _descriptions()
    for name, kind in typing.get_type_hints(Recipe).items():
        if name in ("model", "data"):
            continue
        options = {"dest": name, "default": argparse.SUPPRESS, "help": descriptions[name]}
        if kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        elif kind in (int, float, str):
            options["type"] = kind
        else:
            options["type"] = _names
        parser.add_argument("--" + name.replace("_", "-"), **options)


def from_arguments(recipe: Recipe, args: argparse.Namespace) -> Recipe:
    """Return `recipe` with the fields that the user set."""
    fields = {field.name for field in dataclasses.fields(Recipe)} - {"model"}
    changes = {name: value for name, value in vars(args).items() if name in fields}
    if "data" in changes:
        changes["data"] = tuple(changes["data"])
    return dataclasses.replace(recipe, **changes)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _descriptions() -> dict[str, str]:
    """Return the first sentence that the docstring says of each field."""
    section = (Recipe.__doc__ or "").partition("Attributes:")[2]
    found, name = {}, ""
    for line in section.splitlines():
        text = line.strip()
        if line.startswith(" " * 8) and not line.startswith(" " * 9) and ": " in text:
            name, _, text = text.partition(": ")
        if name and text:
            found[name] = f"{found[name]} {text}" if name in found else text
    return {name: text.replace("%", "%%") for name, text in found.items()}
