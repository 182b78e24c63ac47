"""The data sets of a recipe: what is learned from, and what is measured on."""

from __future__ import annotations

import logging
from pathlib import Path

from edgedet.data.feeding.feeder import Feeder
from edgedet.data.layouts import open_dataset
from edgedet.data.record import Dataset
from edgedet.data.sets.combine import combine
from edgedet.data.sets.domains import parse_domains, with_domains
from edgedet.data.sets.doubt import doubt
from edgedet.data.sets.known import with_shown
from edgedet.data.source.reading import of_manifest
from edgedet.errors import DataError
from edgedet.models import Detector
from edgedet.training.recipe import Recipe

log = logging.getLogger(__name__)


def open_datasets(recipe: Recipe) -> tuple[Dataset, Dataset | None]:
    """Return the train parts of all data of a recipe, and the val part of the first, if any.

    Of a class that a set does not label nothing is asked in its images: neither where several
    sets have different lists of classes, nor in a combined view.

    Raises:
        DataError: The data cannot be used.
    """
    if not recipe.data:
        raise DataError("Expected at least one --data folder to train on, found none.")
    domains = parse_domains(recipe.set_domains)
    folders = [Path(folder) for folder in recipe.data]
    sets = [with_shown(open_dataset(folder, "train")) for folder in folders]
    sets = with_domains(sets, [folder.absolute().name for folder in folders], domains)
    train = doubt(combine(sets, recipe.classes or None), recipe.min_teacher_score)
    return train, _val(Path(recipe.data[0]))


def make_feeder(train: Dataset, recipe: Recipe, model: Detector, batch_size: int = 0) -> Feeder:
    """Return what feeds a model with the train part, as its device will read its frames.

    Args:
        train: The train part.
        recipe: Its settings.
        model: What learns.
        batch_size: Images a batch; 0 takes the recipe's.

    Raises:
        DataError: There is not one whole batch of images that can be read.
    """
    feeder = Feeder(
        train,
        model.input_size,
        batch_size or recipe.batch_size,
        recipe.seed,
        recipe.feeding,
        of_manifest(model.manifest()),
    )
    feeder.require_batch()
    return feeder


def _val(first):
    if first.is_file():
        # It is all of its split: measured on it, a model would look as good as it remembers.
        log.warning("training without validation: %s has no val part", first)
        return None
    try:
        # Evaluation meets classes by name, so the val part may have more of them.
        return open_dataset(first, "val")
    except DataError as error:
        log.warning("training without validation: %s", error)
        return None
