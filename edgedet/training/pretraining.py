"""Pretraining on crops: before a detector looks for objects, it learns to tell them apart.

In whole images most points are background and most objects of the commonest class, so the few of
a rare class are hardly heard. On crops of single objects, each class shown about as often as the
square root of its share, a cross entropy between classes teaches what tells them apart in minutes.
After Girshick et al. 2014, R-CNN, https://arxiv.org/abs/1311.2524, whose network also learns to
classify first, and to classify crops; here from the very boxes that are detected later.
"""

from __future__ import annotations

import dataclasses

import keras
import tensorflow as tf

from edgedet.data.feeding.feeder import Feeder
from edgedet.data.record import Dataset
from edgedet.data.sets.domains import classes_of_domains
from edgedet.data.sets.single_objects import one_by_one
from edgedet.data.source.reading import of_manifest
from edgedet.errors import DataError
from edgedet.models import Detector
from edgedet.outputs import CLASS, of_role
from edgedet.settings import Feeding, Zoom
from edgedet.training.datasets import open_datasets
from edgedet.training.failures import explaining
from edgedet.training.model import make_model
from edgedet.training.optimizer import make_optimizer
from edgedet.training.recipe import Recipe

# Sides of an object, as shares of the crop's: from one with its surroundings to a part of one.
SMALLEST, LARGEST = 0.4, 1.1
# Smaller objects, in pixels of the image file, are a blur.
MIN_SIDE = 20.0
# An image that is gone; nothing is kept to go on from.
CURE = "Bring the data back, then start again."


@dataclasses.dataclass(frozen=True)
class Pretrained:
    """What `pretrain` gives.

    Attributes:
        model: The detector. Its backbone, neck and class branches have learned; what says where
            objects are has not.
        classifier: Of crops; see `classifier_of`.
        val: The val part of the data, if there is one.
    """

    model: Detector
    classifier: keras.Model
    val: Dataset | None


def pretrain(recipe: Recipe, side: int) -> Pretrained:
    """Return the detector of a recipe after it has learned to classify crops.

    Args:
        recipe: The settings; of the feeding only what concerns light and sensors counts.
        side: Height and width of the crops in pixels.

    Raises:
        DataError: The data cannot be used, or has nothing to tell apart.
        ModelError: The network cannot see crops of that size.
    """
    keras.utils.set_random_seed(recipe.seed)
    train, val = open_datasets(recipe)
    _require_classes(train)
    domains = classes_of_domains(train)
    small = make_model(
        dataclasses.replace(recipe, input_size=(side, side)), train.class_names, domains
    )
    feeder = crop_feeder(recipe, train, small)
    classifier = classifier_of(small)
    _learn(classifier, feeder, recipe)
    model = make_model(recipe, train.class_names, domains)
    model.network.set_weights(small.network.get_weights())
    return Pretrained(model, classifier, val)


def _require_classes(train):
    if len(train.class_names) < 2:
        raise DataError(
            f"{train.source}: expected several classes to tell apart, found "
            f"{', '.join(train.class_names) or 'none'}.\n"
            "A detector of one class has nothing to learn from crops: train it at once."
        )


def _learn(classifier, feeder, recipe):
    classifier.compile(
        make_optimizer(recipe.optimization, feeder.steps, recipe.epochs),
        [keras.losses.SparseCategoricalCrossentropy(from_logits=True) for _ in classifier.outputs],
    )
    with explaining(recipe, CURE):
        classifier.fit(
            feeder.epochs(0, recipe.epochs).map(lambda batch: _as_labelled(batch, classifier)),
            steps_per_epoch=feeder.steps,
            epochs=recipe.epochs,
            shuffle=False,
        )


def classifier_of(model: Detector) -> keras.Model:
    """Return a classifier of images that shares the layers of a detector.

    On each level the mean of what the class branch sees is classified by a layer that is thrown
    away afterwards.

    Returns:
        A Keras model: images `[B, h, w, bands]` to logits `[B, C]` of each level.
    """
    manifest = model.manifest()
    kind, count = of_role(manifest.kinds, CLASS), len(model.class_names)
    outputs = []
    for level in manifest.levels:
        seen = model.network.get_layer(manifest.tensor(level, kind)).input
        mean = keras.layers.GlobalAveragePooling2D(name=f"{level.name}_mean")(seen)
        outputs.append(keras.layers.Dense(count, name=f"{level.name}_classes")(mean))
    return keras.Model(model.network.input, outputs)


def crop_feeder(recipe: Recipe, train: Dataset, small: Detector) -> Feeder:
    """Return what feeds crops, those of rare classes repeated.

    Classes are then shown in the ratio of the square roots of how frequent they are.

    Args:
        recipe: The settings.
        train: What is learned from.
        small: The detector, for inputs of the size of crops.

    Raises:
        DataError: There is not one whole batch of objects.
    """
    size = small.input_size[0]
    feeding = Feeding(
        Zoom(probability=1.0, smallest=SMALLEST * size, largest=LARGEST * size),
        recipe.feeding.photometric,
        recipe.feeding.thermal,
        min_side=0.0,
        balance=1.0,
    )
    crops = one_by_one(train, MIN_SIDE)
    _require_batch(len(crops), train, recipe)
    reading = of_manifest(small.manifest())
    feeder = Feeder(crops, small.input_size, recipe.batch_size, recipe.seed, feeding, reading)
    # Images that cannot be read have been left out.
    _require_batch(feeder.count, train, recipe)
    return feeder


def _require_batch(count, train, recipe):
    if count < recipe.batch_size:
        raise DataError(
            f"{train.source}: expected {recipe.batch_size} objects of at least {MIN_SIDE:g} pixels "
            f"to learn from, a batch, found {count} in {len(train)} images.\n"
            "Use larger images or a smaller --batch-size."
        )


def _as_labelled(batch, classifier):
    """Return what `fit` takes of a batch: images, and the label and weight for each level, `[B]`.

    Its labels are `[B, K]`, -1 where a crop has fewer than K objects.
    """
    # A view may miss its object by a hair; then nothing is asked, and where all do, K is 0.
    labels = tf.pad(batch["labels"], [[0, 0], [0, 1]], constant_values=-1)[:, 0]
    weights = tf.cast(labels >= 0, tf.float32)
    count = len(classifier.outputs)
    return batch["images"], count * (tf.maximum(labels, 0),), count * (weights,)
