"""Pretraining on crops: before a detector looks for objects, it learns to tell them apart.

In whole images most points are background and most objects of the commonest class, so the few of
a rare class are hardly heard; on crops of single objects, with all classes about equally often, a
cross entropy between classes teaches what tells them apart in minutes. After Girshick et al. 2014,
R-CNN, https://arxiv.org/abs/1311.2524, whose network also learns to classify first, and to
classify crops; here from the very boxes that are detected later.
"""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from edgedet.data.feeding.feeder import Feeder
from edgedet.data.record import Dataset
from edgedet.data.sets.domains import classes_of_domains
from edgedet.data.sets.single_objects import one_by_one
from edgedet.data.source.reading import of_manifest
from edgedet.models import Detector
from edgedet.outputs import CLASS, of_role
from edgedet.settings import Feeding, Photometric, Zoom
from edgedet.training.datasets import open_datasets
from edgedet.training.failures import explaining
from edgedet.training.model import make_model
from edgedet.training.optimizer import make_optimizer
from edgedet.training.recipe import Recipe

# Sides of an object, as shares of the crop's: from one with its surroundings to a part of one.
SMALLEST, LARGEST = 0.4, 1.1
# Smaller objects, in pixels of the image file, are a blur.
MIN_SIDE = 20.0


def pretrain(recipe: Recipe, side: int) -> tuple[Detector, list[float]]:
    """Return the detector of a recipe after it has learned to classify crops.

    Its backbone, neck and class branches have learned; what says where objects are has not.

    Args:
        recipe: The settings; of the feeding only what concerns light and sensors counts.
        side: Height and width of the crops in pixels.

    Returns:
        The detector, and what share of the val part's crops each level names rightly, a mean of
        the classes; empty where there is no val part.

    Raises:
        DataError: The data cannot be used.
        ModelError: The network cannot see crops of that size.
    """
    keras.utils.set_random_seed(recipe.seed)
    train, val = open_datasets(recipe)
    domains = classes_of_domains(train)
    small = make_model(
        dataclasses.replace(recipe, input_size=(side, side)), train.class_names, domains
    )
    classifier = classifier_of(small)
    feeder = _feeder(recipe, train, small)
    classifier.compile(
        make_optimizer(recipe.optimization, feeder.steps, recipe.epochs),
        [keras.losses.SparseCategoricalCrossentropy(from_logits=True) for _ in classifier.outputs],
    )
    with explaining(recipe):
        classifier.fit(
            feeder.epochs(0, recipe.epochs).map(lambda batch: _as_labelled(batch, classifier)),
            steps_per_epoch=feeder.steps,
            epochs=recipe.epochs,
            shuffle=False,
        )
    model = make_model(recipe, train.class_names, domains)
    model.network.set_weights(small.network.get_weights())
    return model, [] if val is None else accuracies(classifier, small, val)


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


def accuracies(classifier: keras.Model, model: Detector, dataset: Dataset) -> list[float]:
    """Return the share of crops that each level names rightly, a mean of the classes.

    Args:
        classifier: What `classifier_of` gives.
        model: The detector that it shares its layers with.
        dataset: Objects of other classes are left out.
    """
    new = {name: label for label, name in enumerate(model.class_names)}
    labels = np.array([new.get(name, -1) for name in dataset.class_names], "int32")
    records = [record.relabelled(labels, len(new)) for record in dataset.records]
    known = dataclasses.replace(dataset, records=records, class_names=model.class_names)
    crops = one_by_one(known, MIN_SIDE)
    # In the middle of what is seen in training, and always the same.
    zoom = Zoom(1.0, *2 * [0.7 * model.input_size[0]], stretch=1.0)
    plain = Feeding(zoom, Photometric(*6 * [0.0]), min_side=0.0, flip=0.0)
    feeder = Feeder(crops, model.input_size, 1, 0, plain, of_manifest(model.manifest()))
    right = np.zeros((len(new), len(classifier.outputs)))
    count = np.zeros((len(new), 1))
    for batch in feeder.epoch(tf.constant(0, tf.int64)).unbatch().batch(64):
        true = batch["labels"][:, 0].numpy()
        # Of a single level there is no list.
        logits = keras.tree.flatten(classifier.predict_on_batch(batch["images"]))
        found = [each.argmax(axis=-1) for each in logits]
        np.add.at(right, true, np.stack(found, axis=-1) == true[:, None])
        np.add.at(count, true, 1)
    seen = count[:, 0] > 0
    return (right[seen] / count[seen]).mean(axis=0).tolist()


def _feeder(recipe, train, small):
    """Return what feeds crops, those of rare classes more often."""
    size = small.input_size[0]
    feeding = Feeding(
        Zoom(1.0, SMALLEST * size, LARGEST * size),
        recipe.feeding.photometric,
        recipe.feeding.thermal,
        min_side=0.0,
        balance=1.0,
    )
    crops = one_by_one(train, MIN_SIDE)
    reading = of_manifest(small.manifest())
    feeder = Feeder(crops, small.input_size, recipe.batch_size, recipe.seed, feeding, reading)
    feeder.require_batch()
    return feeder


def _as_labelled(batch, classifier):
    labels = batch["labels"][:, 0]
    # A view may miss its object by a hair; then nothing is asked.
    weights = tf.cast(labels >= 0, tf.float32)
    count = len(classifier.outputs)
    return batch["images"], count * (tf.maximum(labels, 0),), count * (weights,)
